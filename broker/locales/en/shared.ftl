# Texts of all pages.
skip = To the content
navigation = Pages
not-found-heading = This page does not exist
not-found = Check the address, or begin at the start page.
not-found-back = To the start page

//! Which look the window has: what the person chose, or what the desktop wants.

use super::theme::{self, CONTRAST, DARK};
use crate::language::Texts;
use arc_swap::ArcSwap;
use egui::{Context, Id, Theme};
use mitblick_platform::appearance::{self, Appearance};
use std::{str::FromStr, sync::Arc};

/// What the desktop wants, as far as it has said so.
#[derive(Clone, Default)]
pub struct DesktopLook(Arc<ArcSwap<Appearance>>);

impl DesktopLook {
    /// Of this desktop; `repaint` is called with every change, on a thread of
    /// its own.
    pub fn of_desktop(repaint: impl Fn() + Send + Sync + 'static) -> Self {
        let wish = Self::default();
        let told = wish.clone();
        appearance::follow(Arc::new(move |appearance| {
            told.0.store(Arc::new(appearance));
            repaint();
        }));
        wish
    }

    /// At this moment.
    pub fn newest(&self) -> Appearance {
        **self.0.load()
    }
}

/// What the person can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Look {
    /// As the desktop wants it; light if it has no wish.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
    /// Black and strong colours.
    Contrast,
}

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Light,
    Dark,
    Contrast,
}

impl Look {
    /// All, in the order in which a button goes through them.
    pub const ALL: [Self; 4] = [Self::System, Self::Light, Self::Dark, Self::Contrast];

    /// The next one, and the first after the last.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Contrast,
            Self::Contrast => Self::System,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
        }
    }

    /// In words.
    pub fn label(self, texts: Texts) -> String {
        match self {
            Self::System => texts.t("look-system"),
            Self::Light => texts.t("look-light"),
            Self::Dark => texts.t("look-dark"),
            Self::Contrast => texts.t("look-contrast"),
        }
    }

    const fn shown(self, wish: Appearance) -> Shown {
        match (self, wish) {
            (Self::Contrast, _) | (Self::System, Appearance { contrast: true, .. }) => Shown::Contrast,
            (Self::Dark, _) | (Self::System, Appearance { dark: Some(true), .. }) => Shown::Dark,
            (Self::Light | Self::System, _) => Shown::Light,
        }
    }
}

impl FromStr for Look {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|look| look.name() == name).ok_or_else(names)
    }
}

fn chosen_id() -> Id {
    Id::unique("the look that was chosen")
}

fn shown_id() -> Id {
    Id::unique("the look that is shown")
}

/// What the person has chosen.
pub fn chosen(ctx: &Context) -> Look {
    ctx.data(|data| data.get_temp(chosen_id())).unwrap_or_default()
}

/// The person chooses this.
pub fn choose(ctx: &Context, look: Look) {
    ctx.data_mut(|data| data.insert_temp(chosen_id(), look));
    ctx.request_repaint();
}

/// Whether it is the one of strong contrasts that is shown.
pub(super) fn is_contrast(ctx: &Context) -> bool {
    ctx.data(|data| data.get_temp(shown_id())) == Some(Shown::Contrast)
}

/// Shows what was chosen, or what the desktop wants. To be called before a frame.
pub fn follow(ctx: &Context, wish: Appearance) {
    let shown = chosen(ctx).shown(wish);
    let before = ctx.data_mut(|data| {
        let before: Option<Shown> = data.get_temp(shown_id());
        data.insert_temp(shown_id(), shown);
        before
    });
    if before == Some(shown) {
        return;
    }
    let (theme, palette) = match shown {
        Shown::Light => (Theme::Light, None),
        Shown::Dark => (Theme::Dark, Some(&DARK)),
        Shown::Contrast => (Theme::Dark, Some(&CONTRAST)),
    };
    if let Some(palette) = palette {
        ctx.set_style_of(Theme::Dark, theme::style(Theme::Dark, palette));
    }
    ctx.set_theme(theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_person_chose_counts_and_else_what_the_desktop_wants() {
        let wish = |dark, contrast| Appearance { dark, contrast };
        for (look, wanted, shown) in [
            (Look::System, wish(None, false), Shown::Light),
            (Look::System, wish(Some(true), false), Shown::Dark),
            (Look::System, wish(Some(false), true), Shown::Contrast),
            (Look::Light, wish(Some(true), true), Shown::Light),
            (Look::Dark, wish(Some(false), true), Shown::Dark),
            (Look::Contrast, wish(None, false), Shown::Contrast),
        ] {
            assert_eq!(look.shown(wanted), shown, "{look:?} {wanted:?}");
        }
    }

    #[test]
    fn looks_are_found_by_their_names_and_follow_each_other_round() {
        for look in Look::ALL {
            assert_eq!(look.name().parse(), Ok(look));
        }
        assert_eq!("Dark".parse::<Look>(), Err("system, light, dark, contrast".to_owned()));
        assert_eq!(Look::ALL.map(Look::next), [Look::Light, Look::Dark, Look::Contrast, Look::System]);
    }

    #[test]
    fn the_palette_is_that_of_the_look() {
        let ctx = Context::default();
        theme::install(&ctx);
        for (look, palette) in [
            (Look::System, &theme::LIGHT),
            (Look::Contrast, &CONTRAST),
            (Look::Dark, &DARK),
            (Look::Light, &theme::LIGHT),
        ] {
            choose(&ctx, look);
            follow(&ctx, Appearance::default());
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                assert_eq!(theme::palette(ui), palette, "{look:?}");
                assert_eq!(ui.visuals().panel_fill, palette.background);
            });
            output.textures_delta.clear();
        }
    }
}

//! The look: one palette for light, one for dark and one of strong contrasts,
//! one scale of type. Every
//! pair of colours that text or a control is shown in is listed by
//! [`Palette::pairs`] and measured by a test against WCAG 2.2 AA.

use super::look;
use egui::{
    Color32, Context, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, FontTweak, Margin, Stroke, Style,
    TextStyle, Theme, Ui, Visuals, vec2,
};
use std::sync::Arc;

/// Height of a button or field, in points: large enough for an unsteady hand.
pub const CONTROL_HEIGHT: f32 = 40.0;
/// Corner radius of buttons and fields.
pub const RADIUS: u8 = 8;
/// Corner radius of cards and notices.
pub const CARD_RADIUS: u8 = 12;
/// Space between things that belong together.
pub const GAP: f32 = 8.0;
/// Space between groups.
pub const GROUP_GAP: f32 = 20.0;

/// Colours of one theme, named by purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// Cards, fields, bars.
    pub surface: Color32,
    /// A card or quiet button under the pointer.
    pub hover: Color32,
    /// Lines that only decorate.
    pub line: Color32,
    /// Outlines that a control is recognised by.
    pub outline: Color32,
    /// Text.
    pub text: Color32,
    /// Text of second rank.
    pub muted: Color32,
    /// The one main action, links, focus.
    pub primary: Color32,
    /// The main action under the pointer.
    pub primary_hover: Color32,
    /// Text on the main action.
    pub on_primary: Color32,
    /// Ending, taking back.
    pub danger: Color32,
    /// The same under the pointer.
    pub danger_hover: Color32,
    /// Text on it.
    pub on_danger: Color32,
    /// Somebody else controls: badge and frame.
    pub control: Color32,
    /// Text on it.
    pub on_control: Color32,
    /// All is well.
    pub good: Color32,
    /// Behind information.
    pub info_fill: Color32,
    /// Behind a warning or a question.
    pub warn_fill: Color32,
    /// Icon and edge of a warning.
    pub warn: Color32,
    /// Behind a problem.
    pub error_fill: Color32,
    /// Something chosen.
    pub chosen_fill: Color32,
    /// First colour of the pattern for "not shared".
    pub pattern: Color32,
    /// Second colour of that pattern.
    pub pattern_line: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// By day.
pub const LIGHT: Palette = Palette {
    background: rgb(0xf5f6f8),
    surface: rgb(0xffffff),
    hover: rgb(0xeef2f7),
    line: rgb(0xdde1e8),
    outline: rgb(0x76839a),
    text: rgb(0x18212f),
    muted: rgb(0x4b5668),
    primary: rgb(0x1a5ba6),
    primary_hover: rgb(0x144986),
    on_primary: rgb(0xffffff),
    danger: rgb(0xb3261e),
    danger_hover: rgb(0x8e1c16),
    on_danger: rgb(0xffffff),
    control: rgb(0xbe3f0a),
    on_control: rgb(0xffffff),
    good: rgb(0x1b7446),
    info_fill: rgb(0xe9f0fa),
    warn_fill: rgb(0xfdf0e4),
    warn: rgb(0xa8480c),
    error_fill: rgb(0xfdeceb),
    chosen_fill: rgb(0xe6f0fb),
    pattern: rgb(0xe4e7ec),
    pattern_line: rgb(0xdadee5),
};

/// By night.
pub const DARK: Palette = Palette {
    background: rgb(0x12161d),
    surface: rgb(0x1b212b),
    hover: rgb(0x252d3a),
    line: rgb(0x323b4a),
    outline: rgb(0x8390a5),
    text: rgb(0xecf0f6),
    muted: rgb(0xb4becd),
    primary: rgb(0x7db3f5),
    primary_hover: rgb(0x9fc8fa),
    on_primary: rgb(0x0b1726),
    danger: rgb(0xf49a91),
    danger_hover: rgb(0xf8b6af),
    on_danger: rgb(0x2a0a07),
    control: rgb(0xff9d5c),
    on_control: rgb(0x2b1102),
    good: rgb(0x66cf97),
    info_fill: rgb(0x18283d),
    warn_fill: rgb(0x35230f),
    warn: rgb(0xffb27d),
    error_fill: rgb(0x3a1a18),
    chosen_fill: rgb(0x1b2f48),
    pattern: rgb(0x20262f),
    pattern_line: rgb(0x282f3a),
};

/// For eyes that need it: everything that is read stands out by 7 to 1, and
/// everything that is recognised by its edge by 4.5 to 1 (WCAG 2.2 AAA).
pub const CONTRAST: Palette = Palette {
    background: rgb(0x000000),
    surface: rgb(0x000000),
    hover: rgb(0x262626),
    line: rgb(0xffffff),
    outline: rgb(0xffffff),
    text: rgb(0xffffff),
    muted: rgb(0xf2f2f2),
    primary: rgb(0xffe600),
    primary_hover: rgb(0xfff59e),
    on_primary: rgb(0x000000),
    danger: rgb(0xffa8a0),
    danger_hover: rgb(0xffd0cc),
    on_danger: rgb(0x000000),
    control: rgb(0xffac5e),
    on_control: rgb(0x000000),
    good: rgb(0x6dff9e),
    info_fill: rgb(0x00203d),
    warn_fill: rgb(0x331d00),
    warn: rgb(0xffc48a),
    error_fill: rgb(0x3d0a08),
    chosen_fill: rgb(0x002a4d),
    pattern: rgb(0x000000),
    pattern_line: rgb(0x333333),
};

impl Palette {
    /// Every foreground with the background that it is shown on, and the
    /// contrast that it needs: 4.5 for text, 3 for edges and signs.
    pub fn pairs(&self) -> Vec<(&'static str, Color32, Color32, f32)> {
        let mut pairs = Vec::new();
        for (name, fill) in [
            ("background", self.background),
            ("surface", self.surface),
            ("hover", self.hover),
            ("info", self.info_fill),
            ("warning", self.warn_fill),
            ("error", self.error_fill),
            ("chosen", self.chosen_fill),
            ("pattern", self.pattern),
            ("pattern line", self.pattern_line),
        ] {
            pairs.push((name, self.text, fill, 4.5));
            pairs.push((name, self.muted, fill, 4.5));
        }
        for fill in [self.background, self.surface, self.hover, self.chosen_fill] {
            pairs.push(("outline", self.outline, fill, 3.0));
            pairs.push(("primary as text", self.primary, fill, 4.5));
            pairs.push(("danger as text", self.danger, fill, 4.5));
        }
        pairs.push(("primary sign on info", self.primary, self.info_fill, 3.0));
        pairs.push(("warning sign", self.warn, self.warn_fill, 4.5));
        pairs.push(("danger sign", self.danger, self.error_fill, 3.0));
        pairs.push(("good sign", self.good, self.surface, 4.5));
        pairs.push(("good sign", self.good, self.background, 4.5));
        pairs.push(("main action", self.on_primary, self.primary, 4.5));
        pairs.push(("main action, hovered", self.on_primary, self.primary_hover, 4.5));
        pairs.push(("danger action", self.on_danger, self.danger, 4.5));
        pairs.push(("danger action, hovered", self.on_danger, self.danger_hover, 4.5));
        pairs.push(("control", self.on_control, self.control, 4.5));
        pairs.push(("control edge", self.control, self.surface, 3.0));
        pairs.push(("control edge", self.control, self.background, 3.0));
        pairs
    }
}

/// The palette of the theme that is shown.
pub fn palette(ui: &Ui) -> &'static Palette {
    match ui.visuals().dark_mode {
        true if look::is_contrast(ui.ctx()) => &CONTRAST,
        true => &DARK,
        false => &LIGHT,
    }
}

/// Big digits: the number that is typed.
pub fn number_style() -> TextStyle {
    TextStyle::Name("number".into())
}

/// Very big digits: the number that is read out.
pub fn display_style() -> TextStyle {
    TextStyle::Name("display".into())
}

/// Headings inside a screen.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

/// Puts the look in place; [`look::follow`] says which.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.options_mut(|options| {
        options.theme_preference = egui::ThemePreference::System;
        options.fallback_theme = Theme::Light;
        // A stray Ctrl+Q must not end a session.
        options.quit_shortcuts.clear();
    });
    ctx.set_style_of(Theme::Light, style(Theme::Light, &LIGHT));
    ctx.set_style_of(Theme::Dark, style(Theme::Dark, &DARK));
}

/// One font for all text, one for codes, in which no two signs look alike, and
/// one for the signs that people put into titles of windows. They come with the program, so that it looks the same everywhere.
pub(crate) fn fonts() -> FontDefinitions {
    let signs = FontTweak { scale: 0.81, ..FontTweak::default() };
    let fonts = [
        ("Hack", FontData::from_static(epaint_default_fonts::HACK_REGULAR)),
        ("Ubuntu Light", FontData::from_static(epaint_default_fonts::UBUNTU_LIGHT)),
        ("Noto Emoji", FontData::from_static(epaint_default_fonts::NOTO_EMOJI_REGULAR).tweak(signs)),
    ];
    let names = fonts.each_ref().map(|(name, _)| (*name).to_owned()).to_vec();
    let proportional = names.get(1..).unwrap_or_default().to_vec();
    let families = [(FontFamily::Proportional, proportional), (FontFamily::Monospace, names)];
    FontDefinitions {
        font_data: fonts.into_iter().map(|(name, font)| (name.to_owned(), Arc::new(font))).collect(),
        families: families.into_iter().collect(),
    }
}

pub(super) fn style(theme: Theme, palette: &Palette) -> Style {
    let mut style = Style { visuals: visuals(theme, palette), ..Style::default() };
    style.text_styles = [
        (TextStyle::Small, 13.0),
        (TextStyle::Body, 15.0),
        (TextStyle::Button, 15.0),
        (TextStyle::Heading, 24.0),
        (title_style(), 18.0),
        (number_style(), 34.0),
        (display_style(), 64.0),
    ]
    .into_iter()
    .map(|(name, size)| (name, FontId::new(size, FontFamily::Proportional)))
    .chain([(TextStyle::Monospace, FontId::new(14.0, FontFamily::Monospace))])
    .collect();
    style.spacing.item_spacing = vec2(GAP, GAP);
    style.spacing.button_padding = vec2(14.0, 8.0);
    style.spacing.interact_size = vec2(CONTROL_HEIGHT, 28.0);
    style.spacing.icon_width = 20.0;
    style.spacing.icon_width_inner = 12.0;
    style.spacing.tooltip_width = 320.0;
    style.spacing.scroll = egui::style::ScrollStyle { foreground_color: false, ..egui::style::ScrollStyle::solid() };
    // Fading would change the pixels at the edge of the picture.
    style.spacing.scroll.fade.strength = 0.0;
    style.spacing.scroll.bar_width = 10.0;
    // Selecting is for fields; a label that takes the pointer only confuses.
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.3;
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    style
}

fn visuals(theme: Theme, palette: &Palette) -> Visuals {
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.extreme_bg_color = palette.hover;
    visuals.text_edit_bg_color = Some(palette.surface);
    visuals.faint_bg_color = palette.hover;
    visuals.code_bg_color = palette.hover;
    visuals.hyperlink_color = palette.primary;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.danger;
    visuals.weak_text_color = Some(palette.muted);
    visuals.window_corner_radius = CornerRadius::same(CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(RADIUS);
    visuals.selection.bg_fill = palette.primary.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(2.0, palette.primary);
    visuals.text_cursor.stroke = Stroke::new(2.0, palette.primary);
    // A blinking cursor would repaint the window for ever.
    visuals.text_cursor.blink = false;
    visuals.disabled_alpha = 0.75;
    let states = &mut visuals.widgets;
    for state in
        [&mut states.noninteractive, &mut states.inactive, &mut states.hovered, &mut states.active, &mut states.open]
    {
        state.corner_radius = CornerRadius::same(RADIUS);
        state.fg_stroke = Stroke::new(1.5, palette.text);
        // Of egui's own widgets only scroll bars are used, and this is theirs.
        state.bg_fill = palette.outline;
        state.weak_bg_fill = palette.surface;
        state.bg_stroke = Stroke::new(1.0, palette.outline);
        state.expansion = 0.0;
    }
    states.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    states.hovered.weak_bg_fill = palette.hover;
    states.hovered.bg_fill = palette.muted;
    states.active.bg_fill = palette.muted;
    states.active.bg_stroke = Stroke::new(2.0, palette.primary);
    visuals
}

/// Space inside a card.
pub const fn card_margin() -> Margin {
    Margin::same(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, "relative luminance".
    fn luminance(colour: Color32) -> f32 {
        let linear = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(colour.r()) + 0.7152 * linear(colour.g()) + 0.0722 * linear(colour.b())
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(a: Color32, b: Color32) -> f32 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn the_measure_of_contrast_is_that_of_wcag() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        assert!((contrast(rgb(0x767676), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_pair_of_colours_has_the_contrast_that_it_needs() {
        let mut weak = Vec::new();
        for (theme, palette) in [("light", &LIGHT), ("dark", &DARK), ("contrast", &CONTRAST)] {
            for (name, front, back, needed) in palette.pairs() {
                // WCAG 2.2, 1.4.6 instead of 1.4.3 and 1.4.11.
                let needed = match needed {
                    needed if palette != &CONTRAST => needed,
                    4.5 => 7.0,
                    _ => 4.5,
                };
                let found = contrast(front, back);
                if found < needed {
                    weak.push(format!("{theme} {name}: {found:.2} < {needed} ({front:?} on {back:?})"));
                }
            }
        }
        assert!(weak.is_empty(), "{weak:#?}");
    }
}

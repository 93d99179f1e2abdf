//! Small signs drawn with lines, so that they need no font and follow the
//! colour of the text beside them. A sign never stands alone for a meaning.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use std::f32::consts::TAU;

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Looking on.
    Eye,
    /// Control: a pointer.
    Pointer,
    /// Two upright bars.
    Pause,
    /// A triangle.
    Play,
    /// A square.
    Stop,
    /// A cross.
    Close,
    /// A tick.
    Check,
    /// A triangle with an exclamation mark.
    Warning,
    /// A circle with an i.
    Info,
    /// A turning arrow.
    Refresh,
    /// Two sheets.
    Copy,
    /// A window.
    Window,
    /// Four corners.
    FullScreen,
    /// A grid of dots: drag here.
    Handle,
    /// A padlock.
    Lock,
    /// A clock.
    Clock,
    /// A disc, half of it filled: light and dark.
    Contrast,
    /// A leaf of a calendar.
    Calendar,
    /// Points down: more follows.
    Down,
    /// Points right: closed.
    Right,
    /// Points left.
    Left,
    /// An arrow out of a door.
    Leave,
    /// A speech bubble.
    Chat,
    /// A sheet with a folded corner.
    File,
    /// A folder.
    Folder,
    /// Points up.
    Up,
    /// A pen with a stroke: draws.
    Pen,
    /// A dot in a ring: records.
    Record,
    /// An eraser on a stroke: takes away what was drawn.
    Erase,
}

/// Draws the sign into the square around `centre`.
pub fn draw(painter: &Painter, icon: Icon, centre: Pos2, side: f32, colour: Color32) {
    let rect = Rect::from_center_size(centre, vec2(side, side));
    let stroke = Stroke::new((side / 11.0).max(1.4), colour);
    let at = |x: f32, y: f32| rect.lerp_inside(vec2(x, y));
    let line = |points: &[(f32, f32)]| {
        painter.add(Shape::line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
    };
    let closed = |points: &[(f32, f32)]| {
        painter.add(Shape::closed_line(points.iter().map(|&(x, y)| at(x, y)).collect(), stroke));
    };
    let fill = |points: &[(f32, f32)]| {
        painter.add(Shape::convex_polygon(points.iter().map(|&(x, y)| at(x, y)).collect(), colour, Stroke::NONE));
    };
    let dot = |x: f32, y: f32, radius: f32| painter.circle_filled(at(x, y), radius * side, colour);
    let arc = |centre: (f32, f32), radius: f32, from: f32, to: f32| {
        let steps = 20;
        let points = (0..=steps)
            .map(|step| {
                let angle = TAU * (from + (to - from) * step as f32 / steps as f32);
                at(centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin())
            })
            .collect();
        painter.add(Shape::line(points, stroke));
    };
    match icon {
        Icon::Eye => {
            arc((0.5, 0.9), 0.62, 0.625, 0.875);
            arc((0.5, 0.1), 0.62, 0.125, 0.375);
            dot(0.5, 0.5, 0.14);
        }
        Icon::Pointer => {
            fill(&[(0.26, 0.08), (0.26, 0.78), (0.44, 0.62)]);
            fill(&[(0.26, 0.08), (0.44, 0.62), (0.76, 0.58)]);
            painter.line_segment([at(0.46, 0.58), at(0.60, 0.90)], Stroke::new(side / 7.0, colour));
        }
        Icon::Pause => {
            painter.rect_filled(Rect::from_min_max(at(0.22, 0.15), at(0.40, 0.85)), 1.0, colour);
            painter.rect_filled(Rect::from_min_max(at(0.60, 0.15), at(0.78, 0.85)), 1.0, colour);
        }
        Icon::Play => fill(&[(0.25, 0.12), (0.85, 0.5), (0.25, 0.88)]),
        Icon::Stop => {
            painter.rect_filled(Rect::from_min_max(at(0.18, 0.18), at(0.82, 0.82)), 2.0, colour);
        }
        Icon::Close => {
            line(&[(0.2, 0.2), (0.8, 0.8)]);
            line(&[(0.8, 0.2), (0.2, 0.8)]);
        }
        Icon::Check => line(&[(0.15, 0.52), (0.40, 0.78), (0.86, 0.24)]),
        Icon::Warning => {
            closed(&[(0.5, 0.1), (0.95, 0.88), (0.05, 0.88)]);
            line(&[(0.5, 0.38), (0.5, 0.62)]);
            dot(0.5, 0.75, 0.055);
        }
        Icon::Info => {
            arc((0.5, 0.5), 0.43, 0.0, 1.0);
            line(&[(0.5, 0.46), (0.5, 0.74)]);
            dot(0.5, 0.29, 0.06);
        }
        Icon::Refresh => {
            arc((0.5, 0.5), 0.36, 0.02, 0.80);
            fill(&[(0.48, 0.02), (0.78, 0.16), (0.50, 0.32)]);
        }
        Icon::Copy => {
            closed(&[(0.36, 0.12), (0.86, 0.12), (0.86, 0.66), (0.36, 0.66)]);
            line(&[(0.36, 0.34), (0.14, 0.34), (0.14, 0.88), (0.64, 0.88), (0.64, 0.66)]);
        }
        Icon::Window => {
            closed(&[(0.08, 0.14), (0.92, 0.14), (0.92, 0.86), (0.08, 0.86)]);
            line(&[(0.08, 0.34), (0.92, 0.34)]);
        }
        Icon::FullScreen => {
            line(&[(0.36, 0.12), (0.12, 0.12), (0.12, 0.36)]);
            line(&[(0.64, 0.12), (0.88, 0.12), (0.88, 0.36)]);
            line(&[(0.36, 0.88), (0.12, 0.88), (0.12, 0.64)]);
            line(&[(0.64, 0.88), (0.88, 0.88), (0.88, 0.64)]);
        }
        Icon::Handle => {
            for y in [0.2, 0.5, 0.8] {
                dot(0.34, y, 0.07);
                dot(0.66, y, 0.07);
            }
        }
        Icon::Lock => {
            painter.rect_filled(Rect::from_min_max(at(0.18, 0.45), at(0.82, 0.90)), 2.0, colour);
            arc((0.5, 0.45), 0.22, 0.5, 1.0);
        }
        Icon::Contrast => {
            arc((0.5, 0.5), 0.40, 0.0, 1.0);
            let half = (0..=20).map(|step| {
                let angle = TAU * (0.25 + 0.5 * step as f32 / 20.0);
                (0.5 + 0.40 * angle.cos(), 0.5 + 0.40 * angle.sin())
            });
            fill(&half.collect::<Vec<_>>());
        }
        Icon::Clock => {
            arc((0.5, 0.5), 0.42, 0.0, 1.0);
            line(&[(0.5, 0.24), (0.5, 0.52), (0.70, 0.62)]);
        }
        Icon::Calendar => {
            closed(&[(0.10, 0.18), (0.90, 0.18), (0.90, 0.92), (0.10, 0.92)]);
            line(&[(0.10, 0.40), (0.90, 0.40)]);
            line(&[(0.32, 0.06), (0.32, 0.26)]);
            line(&[(0.68, 0.06), (0.68, 0.26)]);
        }
        Icon::Down => line(&[(0.2, 0.36), (0.5, 0.68), (0.8, 0.36)]),
        Icon::Right => line(&[(0.36, 0.2), (0.68, 0.5), (0.36, 0.8)]),
        Icon::Left => line(&[(0.64, 0.2), (0.32, 0.5), (0.64, 0.8)]),
        Icon::Chat => {
            closed(&[(0.08, 0.14), (0.92, 0.14), (0.92, 0.70), (0.50, 0.70), (0.28, 0.92), (0.28, 0.70), (0.08, 0.70)]);
            line(&[(0.28, 0.34), (0.72, 0.34)]);
            line(&[(0.28, 0.50), (0.58, 0.50)]);
        }
        Icon::File => {
            closed(&[(0.20, 0.08), (0.60, 0.08), (0.80, 0.30), (0.80, 0.92), (0.20, 0.92)]);
            line(&[(0.58, 0.10), (0.58, 0.32), (0.80, 0.32)]);
        }
        Icon::Folder => {
            closed(&[(0.08, 0.20), (0.38, 0.20), (0.48, 0.32), (0.92, 0.32), (0.92, 0.82), (0.08, 0.82)]);
        }
        Icon::Up => line(&[(0.2, 0.64), (0.5, 0.32), (0.8, 0.64)]),
        Icon::Pen => {
            closed(&[(0.68, 0.10), (0.88, 0.30), (0.36, 0.80), (0.14, 0.86), (0.18, 0.62)]);
            line(&[(0.50, 0.90), (0.88, 0.90)]);
        }
        Icon::Record => {
            arc((0.5, 0.5), 0.44, 0.0, 1.0);
            dot(0.5, 0.5, 0.22);
        }
        Icon::Erase => {
            closed(&[(0.58, 0.12), (0.88, 0.42), (0.50, 0.80), (0.30, 0.80), (0.12, 0.62), (0.12, 0.58)]);
            line(&[(0.34, 0.36), (0.64, 0.66)]);
            line(&[(0.20, 0.92), (0.88, 0.92)]);
        }
        Icon::Leave => {
            line(&[(0.55, 0.14), (0.14, 0.14), (0.14, 0.86), (0.55, 0.86)]);
            line(&[(0.40, 0.5), (0.90, 0.5)]);
            line(&[(0.70, 0.30), (0.90, 0.5), (0.70, 0.70)]);
        }
    }
}

/// A sign as part of a line of text: takes room, is not read out.
pub fn show(ui: &mut egui::Ui, icon: Icon, side: f32, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), egui::Sense::empty());
    draw(ui.painter(), icon, pos2(rect.center().x, rect.center().y), side, colour);
}

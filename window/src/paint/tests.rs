use super::*;
use egui::{TextureOptions, epaint::ImageDelta, pos2, vec2};

const SIZE: Size = Size { width: 40, height: 30 };
const TEXTURE: TextureId = TextureId::User(1);

fn white() -> (TextureId, ImageDelta) {
    let image = ColorImage::filled([2, 2], Color32::WHITE);
    (TextureId::default(), ImageDelta::full(image, TextureOptions::LINEAR))
}

fn clipped(mesh: Mesh) -> ClippedPrimitive {
    ClippedPrimitive { clip_rect: egui::Rect::EVERYTHING, primitive: Primitive::Mesh(mesh) }
}

fn frame(primitives: Vec<ClippedPrimitive>, set: Vec<(TextureId, ImageDelta)>) -> Frame {
    let mut textures = TexturesDelta::default();
    for (id, delta) in set {
        textures.push(id, delta);
    }
    Frame { size: SIZE, pixels_per_point: 1.0, background: Color32::BLACK, primitives, textures }
}

fn rect_mesh(rect: egui::Rect, colour: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(rect, colour);
    mesh
}

fn at(painter: &Painter, x: usize, y: usize) -> u32 {
    painter.pixels()[y * SIZE.width as usize + x]
}

#[test]
fn a_rectangle_covers_the_pixels_whose_centres_it_has() {
    let mut painter = Painter::default();
    let rect = egui::Rect::from_min_max(pos2(2.4, 3.6), pos2(10.5, 8.0));
    painter.paint(frame(vec![clipped(rect_mesh(rect, Color32::RED))], vec![white()]));
    for y in 0..30 {
        for x in 0..40 {
            // A centre on the left edge belongs to it, on the right one not.
            let inside = (2..10).contains(&x) && (4..8).contains(&y);
            assert_eq!(at(&painter, x, y), if inside { 0x00ff_0000 } else { 0 }, "{x} {y}");
        }
    }
}

#[test]
fn triangles_that_share_edges_leave_no_gap_and_paint_nothing_twice() {
    // A fan around a point, half transparent: painted twice it would be lighter.
    let mut mesh = Mesh::default();
    let colour = Color32::from_rgba_premultiplied(100, 0, 0, 100);
    mesh.colored_vertex(pos2(19.3, 14.7), colour);
    let around = 11;
    for corner in 0..around {
        let angle = corner as f32 / around as f32 * std::f32::consts::TAU;
        mesh.colored_vertex(pos2(19.3, 14.7) + vec2(angle.cos() * 60.0, angle.sin() * 60.0), colour);
    }
    for corner in 0..around {
        mesh.add_triangle(0, corner + 1, (corner + 1) % around + 1);
    }
    let mut painter = Painter::default();
    painter.paint(frame(vec![clipped(mesh)], vec![white()]));
    assert!(painter.pixels().iter().all(|&pixel| pixel == 0x0064_0000), "{:x?}", painter.pixels());
}

#[test]
fn colours_are_blended_as_they_are_encoded() {
    let mut painter = Painter::default();
    let all = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(40.0, 30.0));
    let primitives = vec![
        clipped(rect_mesh(all, Color32::from_rgb(200, 100, 0))),
        clipped(rect_mesh(all, Color32::from_rgba_premultiplied(64, 64, 64, 128))),
        // Adds light without covering, and stops at white.
        clipped(rect_mesh(all, Color32::from_rgba_premultiplied(0, 0, 250, 0))),
    ];
    painter.paint(frame(primitives, vec![white()]));
    let under = |below: u32| (below * 127 + 127) / 255;
    assert_eq!(at(&painter, 7, 7), ((64 + under(200)) << 16) | ((64 + under(100)) << 8) | 255);
}

#[test]
fn a_colour_changes_evenly_between_corners() {
    let mut mesh = Mesh::default();
    mesh.colored_vertex(pos2(0.0, 0.0), Color32::BLACK);
    mesh.colored_vertex(pos2(40.0, 0.0), Color32::WHITE);
    mesh.colored_vertex(pos2(40.0, 60.0), Color32::WHITE);
    mesh.colored_vertex(pos2(0.0, 60.0), Color32::BLACK);
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    let mut painter = Painter::default();
    painter.paint(frame(vec![clipped(mesh)], vec![white()]));
    for x in 0..40 {
        let expected = (x as f32 + 0.5) / 40.0 * 255.0;
        let found = (at(&painter, x, 11) & 0xff) as f32;
        assert!((found - expected).abs() <= 1.0, "{x}: {found} instead of {expected}");
    }
}

fn noise(width: usize, height: usize) -> ColorImage {
    let pixels = (0..width * height).map(|at| {
        let value = (at as u32).wrapping_mul(0x9e37_79b1).rotate_left(11).wrapping_mul(0x85eb_ca77);
        let [_, r, g, b] = value.to_be_bytes();
        Color32::from_rgb(r, g, b)
    });
    ColorImage::new([width, height], pixels.collect())
}

fn picture_mesh(rect: egui::Rect) -> Mesh {
    let mut mesh = Mesh::with_texture(TEXTURE);
    let whole = egui::Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    mesh.add_rect_with_uv(rect, whole, Color32::WHITE);
    mesh
}

#[test]
fn a_picture_at_its_own_size_or_a_whole_multiple_is_exact() {
    for (times, options) in [(1, TextureOptions::LINEAR), (1, TextureOptions::NEAREST), (2, TextureOptions::NEAREST)] {
        let image = noise(13, 9);
        let mut painter = Painter::default();
        let place = egui::Rect::from_min_size(pos2(3.0, 5.0), vec2(13.0, 9.0) * times as f32);
        let set = vec![white(), (TEXTURE, ImageDelta::full(image.clone(), options))];
        painter.paint(frame(vec![clipped(picture_mesh(place))], set));
        for y in 0..9 * times {
            for x in 0..13 * times {
                let [r, g, b, _] = image[(x / times, y / times)].to_array();
                let expected = u32::from_be_bytes([0, r, g, b]);
                assert_eq!(at(&painter, 3 + x, 5 + y), expected, "{times} times, {options:?}: {x} {y}");
            }
        }
    }
}

#[test]
fn a_smaller_picture_keeps_its_thin_lines() {
    // One line in eight: looking at single points would miss it or see only it.
    let pixels = (0..320 * 240).map(|at| if at % 320 % 8 == 3 { Color32::WHITE } else { Color32::BLACK });
    let image = ColorImage::new([320, 240], pixels.collect());
    let options = TextureOptions { mipmap_mode: Some(egui::TextureFilter::Linear), ..TextureOptions::LINEAR };
    let mut painter = Painter::default();
    let place = egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(40.0, 30.0));
    painter
        .paint(frame(vec![clipped(picture_mesh(place))], vec![white(), (TEXTURE, ImageDelta::full(image, options))]));
    for x in 0..40 {
        let grey = at(&painter, x, 12) & 0xff;
        assert!((24..=40).contains(&grey), "{x}: {grey}");
    }
}

#[test]
fn only_what_differs_is_painted_and_told() {
    let near = egui::Rect::from_min_size(pos2(2.0, 2.0), vec2(6.0, 6.0));
    let far = |x: f32| egui::Rect::from_min_size(pos2(x, 20.0), vec2(4.0, 4.0));
    let scene = |x: f32| {
        let mut mesh = rect_mesh(near, Color32::RED);
        mesh.append(rect_mesh(far(x), Color32::GREEN));
        vec![clipped(mesh)]
    };
    let mut painter = Painter::default();
    assert_eq!(painter.paint(frame(scene(10.0), vec![white()])), SIZE.rect());
    assert!(painter.paint(frame(scene(10.0), vec![])).is_empty());
    assert_eq!(painter.paint(frame(scene(13.0), vec![])), Rect::new(10, 20, 7, 4));
    let mut fresh = Painter::default();
    fresh.paint(frame(scene(13.0), vec![white()]));
    assert_eq!(painter.pixels(), fresh.pixels());
}

#[test]
fn a_changed_texture_is_seen_where_it_is_used() {
    let place = egui::Rect::from_min_size(pos2(3.0, 5.0), vec2(13.0, 9.0));
    let scene = || vec![clipped(rect_mesh(egui::Rect::EVERYTHING, Color32::BLUE)), clipped(picture_mesh(place))];
    let mut painter = Painter::default();
    painter.paint(frame(scene(), vec![white(), (TEXTURE, ImageDelta::full(noise(13, 9), TextureOptions::NEAREST))]));
    let spot = ImageDelta::partial([4, 2], ColorImage::filled([3, 2], Color32::YELLOW), TextureOptions::NEAREST);
    let damage = painter.paint(frame(scene(), vec![(TEXTURE, spot)]));
    assert_eq!(damage, Rect::new(3, 5, 13, 9));
    assert_eq!([at(&painter, 7, 7), at(&painter, 9, 8)], [0x00ff_ff00; 2]);
    assert_ne!(at(&painter, 10, 8), 0x00ff_ff00);
}

#[test]
fn odd_meshes_and_sizes_do_no_harm() {
    let mut painter = Painter::default();
    let mut mesh = Mesh::default();
    for corner in [pos2(f32::NAN, 1.0), pos2(f32::INFINITY, 3.0), pos2(-1e30, 1e30), pos2(5.0, 5.0)] {
        mesh.colored_vertex(corner, Color32::RED);
    }
    mesh.indices = vec![0, 1, 2, 1, 2, 3, 3, 3, 3, 7, 8, 9, 0];
    for size in [SIZE, Size { width: 0, height: 9 }, Size { width: 1, height: 1 }, SIZE] {
        let mut frame = frame(vec![clipped(mesh.clone())], vec![white()]);
        frame.size = size;
        painter.paint(frame);
        assert_eq!(painter.pixels().len() as u64, size.pixels());
    }
}

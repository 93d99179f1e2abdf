//! Small bar charts, drawn here as SVG.

use maud::{Markup, html};

const WIDTH: u64 = 720;
const HEIGHT: u64 = 190;
/// Room for words beside and below the bars.
const LEFT: u64 = 60;
const BELOW: u64 = 34;
const ABOVE: u64 = 14;
/// Bars of numbers that are not told are all so high.
const FEW_HEIGHT: u64 = 10;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: Value,
}

/// A number, or that it is too small to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Exact(u64),
    Few,
}

/// A chart with a title for those who can't see it. The numbers stand in a
/// table beside it.
pub(super) fn bars(title: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| if let Value::Exact(value) = bar.value { value } else { 0 }).max().unwrap_or(0);
    let top = round_up(most);
    let (width, height) = (WIDTH - LEFT, HEIGHT - BELOW - ABOVE);
    let count = u64::try_from(bars.len()).unwrap_or(1).max(1);
    let base = HEIGHT - BELOW;
    let every = count.div_ceil(6);
    html! {
        svg class="chart" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(title) {
            line class="axis" x1=(LEFT) y1=(base) x2=(WIDTH) y2=(base) {}
            line class="axis" x1=(LEFT) y1=(ABOVE) x2=(WIDTH) y2=(ABOVE) {}
            text x=(LEFT - 6) y=(ABOVE + 4) text-anchor="end" { (top) }
            text x=(LEFT - 6) y=(base + 4) text-anchor="end" { "0" }
            @for (index, bar) in (0_u64..).zip(bars) {
                @let x = LEFT + index * width / count;
                @let wide = (width / count).saturating_sub(2).clamp(1, 60);
                @match bar.value {
                    Value::Exact(0) => {}
                    Value::Exact(value) => {
                        @let high = (value.saturating_mul(height) / top).max(1);
                        rect class="bar" x=(x) y=(base.saturating_sub(high)) width=(wide) height=(high) rx="2" { title { (bar.name) ": " (value) } }
                    }
                    Value::Few => {
                        rect class="few" x=(x) y=(base - FEW_HEIGHT) width=(wide) height=(FEW_HEIGHT) { title { (bar.name) ": 1–4" } }
                    }
                }
                @if index % every == 0 { text x=(x) y=(HEIGHT - 6) { (bar.name) } }
            }
        }
    }
}

/// The next of 5, 10, 20, 50, 100, 200 and so on.
fn round_up(most: u64) -> u64 {
    let mut decade = 5_u64;
    loop {
        for step in [decade, decade.saturating_mul(2), decade.saturating_mul(4)] {
            if step >= most {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number_above_all_bars() {
        for (most, top) in [(0, 5), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (101, 200), (999, 1_000)] {
            assert_eq!(round_up(most), top, "{most}");
        }
        assert_eq!(round_up(u64::MAX), u64::MAX);
    }

    #[test]
    fn names_are_text_and_small_numbers_are_not_told() {
        let bar = |name: &str, value| Bar { name: name.into(), value };
        let svg = bars("a<b", &[bar("<i>", Value::Few), bar("x", Value::Exact(7))]).into_string();
        assert!(svg.contains("a&lt;b") && svg.contains("&lt;i&gt;: 1–4") && svg.contains("x: 7"));
        assert!(bars("", &[]).into_string().contains("<svg"));
    }
}

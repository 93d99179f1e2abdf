//! `com.canonical.dbusmenu`: the menu, of one level. What it holds is made from
//! the look at each call, so that there is nothing to get out of step.

use super::Shared;
use crate::tray::{TrayChoice, TrayEntry};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use zbus::{
    fdo,
    object_server::SignalEmitter,
    zvariant::{OwnedValue, Value},
};

/// The menu itself.
const ROOT: i32 = 0;
/// The line between what ends something and what does not.
const SEPARATOR: i32 = 100;

type Properties = HashMap<&'static str, Value<'static>>;
/// Number, properties, and the same of what is below.
type Layout = (i32, Properties, Vec<Value<'static>>);

pub(super) struct Menu(pub(super) Arc<Shared>);

/// Every line with its number, from the top.
fn lines(menu: &[TrayEntry]) -> Vec<(i32, Properties)> {
    let mut lines = Vec::new();
    for entry in menu {
        if entry.choice == TrayChoice::Open && !lines.is_empty() {
            lines.push((SEPARATOR, Properties::from([("type", "separator".into())])));
        }
        // An underscore alone would mark a key.
        let label = entry.label.replace('_', "__");
        lines.push((entry.choice.number(), Properties::from([("label", label.into()), ("enabled", true.into())])));
    }
    lines
}

fn root() -> Properties {
    Properties::from([("children-display", "submenu".into())])
}

/// Of these properties the ones that are wanted; none named = all.
fn wanted(mut properties: Properties, names: &[String]) -> Properties {
    properties.retain(|own, _| names.is_empty() || names.iter().any(|name| name == own));
    properties
}

fn layout(menu: &[TrayEntry], parent: i32, depth: i32, names: &[String]) -> Option<Layout> {
    let lines = lines(menu);
    if parent == ROOT {
        let below = lines.into_iter().filter(|_| depth != 0);
        let below = below.map(|(number, line)| Value::new((number, wanted(line, names), Vec::<Value<'_>>::new())));
        return Some((ROOT, wanted(root(), names), below.collect()));
    }
    let (number, line) = lines.into_iter().find(|(number, _)| *number == parent)?;
    Some((number, wanted(line, names), Vec::new()))
}

/// The choices that these events make, each once however often it is there,
/// and the numbers that mean nothing.
fn choices<'a>(events: impl Iterator<Item = (i32, &'a str)>) -> (BTreeSet<TrayChoice>, Vec<i32>) {
    let (mut chosen, mut unknown) = (BTreeSet::new(), Vec::new());
    for (number, event) in events {
        match TrayChoice::of_number(number) {
            Some(choice) if event == "clicked" => drop(chosen.insert(choice)),
            None if number != ROOT && number != SEPARATOR => unknown.push(number),
            _ => {}
        }
    }
    (chosen, unknown)
}

fn no_such_line(number: i32) -> fdo::Error {
    fdo::Error::InvalidArgs(format!("there is no line {number}"))
}

impl Menu {
    fn entries(&self) -> Vec<TrayEntry> {
        self.0.seen().look.menu.clone()
    }
}

#[zbus::interface(name = "com.canonical.dbusmenu", spawn = false)]
impl Menu {
    fn get_layout(&self, parent: i32, depth: i32, names: Vec<String>) -> fdo::Result<(u32, Layout)> {
        let seen = self.0.seen();
        let layout = layout(&seen.look.menu, parent, depth, &names).ok_or_else(|| no_such_line(parent))?;
        Ok((seen.revision, layout))
    }

    fn get_group_properties(&self, numbers: Vec<i32>, names: Vec<String>) -> Vec<(i32, Properties)> {
        // By our own lines: however often one is asked for, it is told once.
        let all = [(ROOT, root())].into_iter().chain(lines(&self.entries()));
        let asked = all.filter(|(number, _)| numbers.is_empty() || numbers.contains(number));
        asked.map(|(number, line)| (number, wanted(line, &names))).collect()
    }

    fn get_property(&self, number: i32, name: String) -> fdo::Result<Value<'static>> {
        let all = [(ROOT, root())].into_iter().chain(lines(&self.entries()));
        let line = all.into_iter().find(|(own, _)| *own == number).map(|(_, line)| line);
        let value = line.and_then(|mut line| line.remove(name.as_str()));
        value.ok_or_else(|| no_such_line(number))
    }

    fn event(&self, number: i32, event: &str, _data: Value<'_>, _timestamp: u32) -> fdo::Result<()> {
        let (chosen, unknown) = choices([(number, event)].into_iter());
        chosen.into_iter().for_each(|choice| self.0.choose(choice));
        if unknown.is_empty() { Ok(()) } else { Err(no_such_line(number)) }
    }

    fn event_group(&self, events: Vec<(i32, String, OwnedValue, u32)>) -> Vec<i32> {
        let (chosen, unknown) = choices(events.iter().map(|(number, event, ..)| (*number, event.as_str())));
        chosen.into_iter().for_each(|choice| self.0.choose(choice));
        unknown
    }

    fn about_to_show(&self, _number: i32) -> bool {
        false
    }

    fn about_to_show_group(&self, numbers: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        let (_, unknown) = choices(numbers.into_iter().map(|number| (number, "")));
        (Vec::new(), unknown)
    }

    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn text_direction(&self) -> &str {
        "ltr"
    }

    #[zbus(property)]
    fn status(&self) -> &str {
        "normal"
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(signal)]
    pub(super) async fn layout_updated(emitter: &SignalEmitter<'_>, revision: u32, parent: i32) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn items_properties_updated(
        emitter: &SignalEmitter<'_>,
        updated: Vec<(i32, HashMap<String, OwnedValue>)>,
        removed: Vec<(i32, Vec<String>)>,
    ) -> zbus::Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu() -> Vec<TrayEntry> {
        let entry = |choice, label: &str| TrayEntry { choice, label: label.to_owned() };
        vec![
            entry(TrayChoice::StopControl, "Stop (F12, Scroll_Lock)"),
            entry(TrayChoice::End, "End"),
            entry(TrayChoice::Open, "Open"),
        ]
    }

    fn numbers(layout: &Layout) -> Vec<i32> {
        let number = |line: &Value<'_>| match line {
            Value::Structure(line) => line.fields().first().and_then(|number| number.downcast_ref().ok()),
            _ => None,
        };
        layout.2.iter().filter_map(number).collect()
    }

    #[test]
    fn the_layout_is_the_menu_in_its_order() {
        let all = layout(&menu(), ROOT, -1, &[]).unwrap();
        assert_eq!(numbers(&all), [1, 3, SEPARATOR, 4]);
        assert_eq!(layout(&menu(), ROOT, 0, &[]).unwrap().2, []);
        let (number, line, below) = layout(&menu(), 1, -1, &["label".to_owned()]).unwrap();
        assert_eq!((number, below.len()), (1, 0));
        assert_eq!(line, Properties::from([("label", "Stop (F12, Scroll__Lock)".into())]));
        for unknown in [-1, 2, 6, i32::MIN, i32::MAX] {
            assert_eq!(layout(&menu(), unknown, -1, &[]), None, "{unknown}");
        }
    }

    #[test]
    fn a_flood_of_clicks_is_one_and_numbers_that_mean_nothing_choose_nothing() {
        let flood = std::iter::repeat_n((3, "clicked"), 100_000).chain([(77, "clicked"), (-4, "clicked")]);
        let (chosen, unknown) = choices(flood);
        assert_eq!((chosen, unknown), (BTreeSet::from([TrayChoice::End]), vec![77, -4]));
        let looks = [(3, "hovered"), (0, "opened"), (0, "clicked"), (SEPARATOR, "clicked")];
        assert_eq!(choices(looks.into_iter()), Default::default());
    }
}

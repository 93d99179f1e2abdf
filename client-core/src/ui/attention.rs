//! A person who works in another window is told in the desktop's own way that
//! something waits here: the entry of the window stands out until they look.

use crate::together::TogetherView;
use egui::{Context, UserAttentionType, ViewportCommand};

/// What waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The other person is there.
    SessionBegun,
    /// Somebody waits for an appointment.
    CustomerWaits,
    /// May the advisor control?
    Control,
    /// May the advisor record?
    Recording,
    /// May the advisor show something?
    Turn,
    /// The advisor asks to be shown something.
    AskedToShow,
    /// A text waits for an answer.
    Text,
    /// So many offers of files do.
    Files(usize),
    /// So many lines of the chat were not seen.
    Chat(u32),
}

impl Reason {
    /// What waits of what both people can do alike.
    pub fn of(together: &TogetherView) -> impl Iterator<Item = Self> + use<> {
        let (files, chat) = (together.files.asking(), together.chat.unseen);
        let text = together.clipboard.waiting.is_some().then_some(Self::Text);
        text.into_iter().chain((files > 0).then_some(Self::Files(files))).chain((chat > 0).then_some(Self::Chat(chat)))
    }
}

/// What waited last.
#[derive(Debug, Default)]
pub struct Attention {
    waits: Vec<Reason>,
    asked: bool,
}

impl Attention {
    /// This waits now. What is new asks for attention, unless the person is in
    /// this window; once they are, nothing stands out any more.
    pub fn follow(&mut self, ctx: &Context, waits: Vec<Reason>) {
        let elsewhere = ctx.input(|input| input.viewport().focused) == Some(false);
        let is_new = waits.iter().any(|reason| !self.waits.contains(reason));
        self.waits = waits;
        let wanted = match (elsewhere, is_new, self.asked) {
            (true, true, _) => UserAttentionType::Informational,
            (false, _, true) => UserAttentionType::Reset,
            (true, false, _) | (false, _, false) => return,
        };
        self.asked = elsewhere;
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(wanted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{RawInput, ViewportId};

    /// What was asked for when this waits.
    fn asked(attention: &mut Attention, focused: bool, waits: &[Reason]) -> Option<UserAttentionType> {
        let ctx = Context::default();
        let mut input = RawInput::default();
        input.viewports.entry(ViewportId::ROOT).or_default().focused = Some(focused);
        let mut output = ctx.run_ui(input, |ui| attention.follow(ui.ctx(), waits.to_vec()));
        output.textures_delta.clear();
        let commands = output.viewport_output.into_values().flat_map(|viewport| viewport.commands);
        commands.into_iter().find_map(|command| match command {
            ViewportCommand::RequestUserAttention(wanted) => Some(wanted),
            _ => None,
        })
    }

    #[test]
    fn what_is_new_asks_once_and_only_who_is_elsewhere() {
        let mut attention = Attention::default();
        assert_eq!(asked(&mut attention, false, &[]), None);
        assert_eq!(asked(&mut attention, true, &[Reason::SessionBegun]), None, "they see it");
        assert_eq!(asked(&mut attention, false, &[Reason::SessionBegun]), None, "they know");
        let both = [Reason::SessionBegun, Reason::Chat(1)];
        assert_eq!(asked(&mut attention, false, &both), Some(UserAttentionType::Informational));
        assert_eq!(asked(&mut attention, false, &both), None);
        assert_eq!(asked(&mut attention, false, &[Reason::Chat(2)]), Some(UserAttentionType::Informational));
        assert_eq!(asked(&mut attention, true, &[Reason::Chat(2)]), Some(UserAttentionType::Reset));
        assert_eq!(asked(&mut attention, true, &[]), None);
    }
}

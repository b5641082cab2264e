//! Which words of a task may still fill an entity.

use crate::turn::Turn;
use crate::{WORDS_LIMIT, Waiting, Words};

impl Turn<'_> {
    /// The current node waits.
    pub(crate) fn wait(&mut self, waiting: Waiting) {
        if let Some(frame) = self.frame_mut() {
            frame.waiting = Some(waiting);
        }
        if let Ok((dialog, node, component)) = self.current() {
            self.note_node(dialog, node, component, "waitingForUserInput");
        }
    }

    /// Notes what the user said in this task.
    pub(crate) fn hear_words(&mut self, text: &str) {
        if let Some(task) = &mut self.state.task {
            task.words.push(Words {
                text: text.to_owned(),
                ..Words::default()
            });
            if task.words.len() > WORDS_LIMIT {
                task.words.remove(0);
            }
        }
    }

    /// Position and readable text of each utterance, the latest first.
    pub(crate) fn readable_words(&self, with_used: bool) -> Vec<(usize, String)> {
        let words = self
            .state
            .task
            .as_ref()
            .map_or(&[][..], |task| task.words.as_slice());
        let texts = words
            .iter()
            .enumerate()
            .rev()
            .map(|(at, words)| (at, words.readable(with_used)));
        texts.filter(|(_, text)| !text.trim().is_empty()).collect()
    }

    /// Whether an utterance began the task or gave a value. What was said to a prompt and was no answer to it answers nothing else.
    pub(crate) fn were_taken(&self, at: usize) -> bool {
        let task = self.state.task.as_ref();
        let words = task.and_then(|task| task.words.get(at));
        at == 0 || words.is_some_and(|words| !words.used.is_empty())
    }

    /// This turn's input with the words blanked out that are used.
    pub(crate) fn last_readable(&self, text: &str) -> String {
        let last = self.state.task.as_ref().and_then(|task| task.words.last());
        last.map_or_else(|| text.to_owned(), |words| words.readable(false))
    }

    pub(crate) fn use_words(&mut self, at: usize, start: usize, end: usize, lock: bool) {
        let words = self
            .state
            .task
            .as_mut()
            .and_then(|task| task.words.get_mut(at));
        if let Some(words) = words {
            words.used.push((start, end));
            if lock {
                words.locked.push((start, end));
            }
        }
    }

    /// Words of this turn's input are used.
    pub(crate) fn use_last_words(&mut self, start: usize, end: usize, lock: bool) {
        let count = self.state.task.as_ref().map_or(0, |task| task.words.len());
        if count > 0 {
            self.use_words(count - 1, start, end, lock);
        }
    }
}

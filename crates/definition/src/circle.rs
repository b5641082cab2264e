//! Dialogs that link to each other in a circle.

use crate::{Agent, IntentUse};
use std::collections::HashMap;

/// Titles of the dialogs of each circle of links, in the order of the definition; a dialog that links to itself is a circle of one.
/// A circle is a strongly connected part of the graph of links, so each dialog is named once.
pub(crate) fn circles(agent: &Agent) -> Vec<Vec<String>> {
    let place: HashMap<&str, usize> = agent
        .dialogs
        .iter()
        .enumerate()
        .map(|(at, dialog)| (dialog.id.as_str(), at))
        .collect();
    let links: Vec<Vec<usize>> = agent
        .dialogs
        .iter()
        .map(|dialog| {
            (1..dialog.nodes.len())
                .filter_map(|at| match agent.intent_use(dialog, at) {
                    IntentUse::Link(target) => place.get(target.id.as_str()).copied(),
                    _ => None,
                })
                .collect()
        })
        .collect();
    let mut found: Vec<Vec<usize>> = parts(&links)
        .into_iter()
        .filter(|part| part.len() > 1 || links[part[0]].contains(&part[0]))
        .collect();
    for part in &mut found {
        part.sort_unstable();
    }
    found.sort_unstable();
    let title = |at: usize| agent.dialog_title(&agent.dialogs[at], &agent.default_language);
    found
        .into_iter()
        .map(|part| part.into_iter().map(title).collect())
        .collect()
}

/// Strongly connected parts: reach forwards in order of leaving, then collect backwards (two walks with stacks of their own, for a
/// definition may hold thousands of dialogs in one chain).
fn parts(links: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back = vec![Vec::new(); links.len()];
    for (from, targets) in links.iter().enumerate() {
        for &to in targets {
            back[to].push(from);
        }
    }
    let mut seen = vec![false; links.len()];
    let mut left = Vec::with_capacity(links.len());
    for start in 0..links.len() {
        walk(links, start, &mut seen, &mut |at| left.push(at));
    }
    let mut seen = vec![false; links.len()];
    let mut parts = Vec::new();
    for &start in left.iter().rev() {
        let mut part = Vec::new();
        walk(&back, start, &mut seen, &mut |at| part.push(at));
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts
}

/// Visits what can be reached and was not seen, and tells each place when it is left.
fn walk(links: &[Vec<usize>], start: usize, seen: &mut [bool], leave: &mut dyn FnMut(usize)) {
    if std::mem::replace(&mut seen[start], true) {
        return;
    }
    let mut stack = vec![(start, 0)];
    while let Some((at, next)) = stack.last_mut() {
        match links[*at].get(*next) {
            Some(&to) => {
                *next += 1;
                if !std::mem::replace(&mut seen[to], true) {
                    stack.push((to, 0));
                }
            }
            None => {
                leave(*at);
                stack.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn each_circle_is_one_part() {
        let links = vec![vec![1], vec![2], vec![0, 3], vec![4], vec![], vec![5]];
        let mut found: Vec<_> = parts(&links)
            .into_iter()
            .map(|mut part| {
                part.sort_unstable();
                part
            })
            .collect();
        found.sort();
        assert_eq!(found, [vec![0, 1, 2], vec![3], vec![4], vec![5]]);
    }

    #[test]
    fn a_chain_of_many_dialogs_needs_no_deep_stack() {
        let links: Vec<_> = (0..200_000).map(|at| vec![(at + 1) % 200_000]).collect();
        assert_eq!(parts(&links).len(), 1);
    }
}

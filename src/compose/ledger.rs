//! Keeps account of every value of a Compose file: it is carried over, or there is a note about it. Reads nothing, changes
//! nothing.

use super::tree::{Kind, Node, Position};
use crate::few::InOrder;

/// What became of a field that is not simply carried over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It means something that the plan doesn't say.
    Lost,
    /// The plan says it in another way, or a little differently.
    Changed,
    /// It has no meaning for a plan: nothing is lost.
    Needless,
}

impl Fate {
    /// As it stands in a report.
    pub fn text(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Changed => "changed",
            Self::Needless => "needless",
        }
    }
}

/// What is to be known about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What became of it.
    pub fate: Fate,
    /// The field: `services.web.ports[0]`.
    pub field: String,
    /// Where it stands.
    pub position: Position,
    /// What it is about, with the reason. No secret's value is in it.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

/// Every value has the names of all that it is in: long ones would add up.
fn cropped(field: String) -> String {
    const LONGEST: usize = 400;
    let excess = field.chars().count().saturating_sub(LONGEST);
    if excess == 0 { field } else { std::iter::once('…').chain(field.chars().skip(excess)).collect() }
}

/// What is known of one value.
#[derive(Debug, Clone)]
struct Entry {
    field: String,
    position: Position,
    /// The number after the last one that is inside it.
    end: usize,
    leaf: bool,
    carried: bool,
    listed: bool,
}

/// The account of all values.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    notes: Vec<(usize, Note)>,
}

impl Ledger {
    /// Numbers the values of a file, and opens the account.
    pub fn open(root: &mut Node) -> Self {
        let mut ledger = Self::default();
        ledger.number(root, String::new());
        ledger
    }

    fn number(&mut self, node: &mut Node, field: String) {
        node.id = self.entries.len();
        let (position, leaf) = (node.position, node.is_leaf());
        self.entries.push(Entry { field: field.clone(), position, end: 0, leaf, carried: false, listed: false });
        match &mut node.kind {
            Kind::Scalar(_) => {}
            Kind::List(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    self.number(element, format!("{field}[{index}]"));
                }
            }
            Kind::Map(members) => {
                for (name, value) in members {
                    let below = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                    let below = cropped(below);
                    self.number(value, below);
                }
            }
        }
        let end = self.entries.len();
        if let Some(entry) = self.entries.get_mut(node.id) {
            entry.end = end;
        }
    }

    /// All that is in it is in the plan.
    pub fn carried(&mut self, node: &Node) {
        self.mark(node.id, |entry| entry.carried = true);
    }

    /// It means something that the plan doesn't say.
    pub fn lost(&mut self, node: &Node, message: impl Into<String>, help: impl Into<String>) {
        self.lost_by_id(node.id, message.into(), help.into());
    }

    /// As [`Ledger::lost`], by the value's number; it is not in the plan any more.
    pub fn lost_by_id(&mut self, id: usize, message: String, help: String) {
        self.mark(id, |entry| {
            entry.carried = false;
            entry.listed = true;
        });
        self.note(id, Fate::Lost, message, help);
    }

    /// It is not in the plan after all, though what is around it is.
    pub fn uncarried(&mut self, node: &Node) {
        self.mark(node.id, |entry| entry.carried = false);
    }

    /// It is in the plan, in another way.
    pub fn changed(&mut self, node: &Node, message: impl Into<String>, help: impl Into<String>) {
        self.mark(node.id, |entry| {
            entry.carried = true;
            entry.listed = true;
        });
        self.note(node.id, Fate::Changed, message.into(), help.into());
    }

    /// It has no meaning for a plan.
    pub fn needless(&mut self, node: &Node, message: impl Into<String>) {
        self.mark(node.id, |entry| entry.listed = true);
        self.note(node.id, Fate::Needless, message.into(), String::new());
    }

    /// Says something about it, whatever else becomes of it.
    pub fn remark(&mut self, node: &Node, fate: Fate, message: impl Into<String>, help: impl Into<String>) {
        self.mark(node.id, |entry| entry.listed = true);
        self.note(node.id, fate, message.into(), help.into());
    }

    fn mark(&mut self, id: usize, mark: impl Fn(&mut Entry)) {
        let end = self.entries.get(id).map_or(id, |entry| entry.end);
        self.entries.get_mut(id..end).into_iter().flatten().filter(|entry| entry.leaf).for_each(mark);
    }

    fn note(&mut self, id: usize, fate: Fate, message: String, help: String) {
        let Some(Entry { field, position, end: _, leaf: _, carried: _, listed: _ }) = self.entries.get(id) else {
            return;
        };
        let note = Note { fate, field: field.clone(), position: *position, message, help };
        // Notes about one value come close together.
        if !self.notes.iter().rev().take(64).any(|(known, other)| *known == id && *other == note) {
            self.notes.push((id, note));
        }
    }

    /// Lists what nobody has accounted for, and closes the account: all notes, in the order of the file.
    pub fn close(mut self) -> (Vec<Note>, Vec<Leaf>) {
        let mut id = 0;
        while let Some(entry) = self.entries.get(id) {
            let inside = self.entries.get(id..entry.end).unwrap_or_default();
            let forgotten = inside.iter().all(|entry| !entry.leaf || !entry.carried && !entry.listed);
            if !forgotten || id == 0 {
                id += 1;
                continue;
            }
            let (end, help) = (entry.end, "remove it, or write what it was to do as a plan can say it");
            self.lost_by_id(id, "Landfall does not know this field".to_owned(), help.to_owned());
            id = end;
        }
        self.notes.put_in_order_by_key(|(id, note)| (*id, note.fate));
        let leaves = self.entries.into_iter().filter(|entry| entry.leaf);
        let leaves = leaves.map(|Entry { field, position, end: _, leaf: _, carried, listed }| Leaf {
            field,
            position,
            carried,
            listed,
        });
        (self.notes.into_iter().map(|(_, note)| note).collect(), leaves.collect())
    }
}

/// What became of one single value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The field.
    pub field: String,
    /// Where it stands.
    pub position: Position,
    /// Whether the plan (or the secrets file) has it.
    pub carried: bool,
    /// Whether a note is about it.
    pub listed: bool,
}

//! Reads single fields of a Compose file, in the several forms that Compose lets them have. Reads nothing, changes nothing.

use super::Conversion;
use super::tree::{Kind, Node};
use crate::plan::values::{Problem, Value};
use crate::plan::written::Written;

/// One `NAME=value` of a list, or one member of an object.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The name.
    pub name: String,
    /// The value, if one is written.
    pub value: Option<String>,
    /// Where it stands.
    pub node: &'a Node,
}

/// The cure that a problem has in it.
pub fn cure(problem: &Problem) -> String {
    let Problem { message: _, label, help, meant: _, code: _ } = problem;
    if help.is_empty() { label.clone() } else { help.clone() }
}

impl<'a> Conversion<'a> {
    /// The text of a field; what is none is listed.
    pub(super) fn text(&mut self, node: &'a Node) -> Option<&'a str> {
        if node.text().is_none() && node.is_null() {
            self.ledger.needless(node, "nothing is written here");
        } else if node.text().is_none() {
            self.ledger.lost(node, format!("{} stands where a single value is expected", node.what()), "");
        }
        node.text()
    }

    /// A value of the plan language with this text; what is none is listed with the reason.
    pub(super) fn value<T: Value>(&mut self, node: &Node, text: &str) -> Option<Written> {
        match T::parse(text) {
            Ok(value) => {
                self.ledger.carried(node);
                Some(Written::text(value).out_of(node.id))
            }
            Err(problem) => {
                self.ledger.lost(node, problem.message.clone(), cure(&problem));
                None
            }
        }
    }

    /// A field whose text is a value of the plan language.
    pub(super) fn one<T: Value>(&mut self, node: &'a Node) -> Option<Written> {
        let text = self.text(node)?;
        self.value::<T>(node, text)
    }

    /// A field of one or more texts that are values of the plan language.
    pub(super) fn several<T: Value>(&mut self, node: &'a Node) -> Option<Written> {
        let values: Vec<_> = node.one_or_more().into_iter().filter_map(|element| self.one::<T>(element)).collect();
        self.list(node, values)
    }

    /// A list with something in it. One of nothing is told, and left out.
    pub(super) fn list(&mut self, node: &Node, values: Vec<Written>) -> Option<Written> {
        if node.is_leaf() && node.scalar().is_none() {
            self.ledger.needless(node, "nothing is written here");
        }
        (!values.is_empty()).then(|| Written::list(values).out_of(node.id))
    }

    /// A field that is `true` or `false`.
    pub(super) fn switch(&mut self, node: &'a Node) -> Option<bool> {
        let text = self.text(node)?;
        let switch = node.switch();
        match switch {
            Some(_) => self.ledger.carried(node),
            None => self.ledger.lost(node, format!("`{text}` is neither `true` nor `false`"), ""),
        }
        switch
    }

    /// The elements of a list; anything else is listed.
    pub(super) fn elements(&mut self, node: &'a Node) -> &'a [Node] {
        match &node.kind {
            Kind::List(elements) => {
                if elements.is_empty() {
                    self.ledger.needless(node, "nothing is written here");
                }
                elements
            }
            Kind::Scalar(scalar) if scalar.is_null() => {
                self.ledger.needless(node, "nothing is written here");
                &[]
            }
            Kind::Scalar(_) | Kind::Map(_) => {
                self.ledger.lost(node, format!("{} stands where a list is expected", node.what()), "");
                &[]
            }
        }
    }

    /// The members of an object; anything else is listed.
    pub(super) fn members(&mut self, node: &'a Node) -> &'a [(String, Node)] {
        match &node.kind {
            Kind::Map(members) => {
                if members.is_empty() {
                    self.ledger.needless(node, "nothing is written here");
                }
                members
            }
            Kind::Scalar(scalar) if scalar.is_null() => {
                self.ledger.needless(node, "nothing is written here");
                &[]
            }
            Kind::Scalar(_) | Kind::List(_) => {
                self.ledger.lost(node, format!("{} stands where an object is expected", node.what()), "");
                &[]
            }
        }
    }

    /// `NAME=value` in a list, or names with values in an object. Nothing is marked but what is neither.
    pub(super) fn pairs(&mut self, node: &'a Node) -> Vec<Pair<'a>> {
        let mut pairs = Vec::new();
        if let Kind::List(_) = &node.kind {
            for element in self.elements(node) {
                let Some(text) = self.text(element) else { continue };
                let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
                pairs.push(Pair { name: name.to_owned(), value: value.map(str::to_owned), node: element });
            }
            return pairs;
        }
        for (name, value) in self.members(node) {
            match &value.kind {
                Kind::Scalar(scalar) => {
                    let text = (!scalar.is_null()).then(|| scalar.text.clone());
                    pairs.push(Pair { name: name.clone(), value: text, node: value });
                }
                Kind::List(_) | Kind::Map(_) => {
                    let message = format!("{} stands where a single value is expected", value.what());
                    self.ledger.lost(value, message, "");
                }
            }
        }
        pairs
    }
}

//! A Compose file as a tree: every value with its place, aliases and merge keys resolved. Reads nothing, changes nothing.

/// Where something stands in the file, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A value of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its number: all that is inside it has the numbers that follow.
    pub id: usize,
    /// Where it stands; where it has a name, where the name stands.
    pub position: Position,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A text, a number, a switch, or nothing.
    Scalar(Scalar),
    /// A list.
    List(Vec<Node>),
    /// Values by name, in the order of the file.
    Map(Vec<(String, Node)>),
}

/// A text, a number, a switch, or nothing: YAML tells them apart by how they look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scalar {
    /// The text, its variables filled in.
    pub text: String,
    /// Whether it stands there without quotes.
    pub plain: bool,
    /// The variables in it that have no value.
    pub unset: Vec<String>,
    /// Whether a `$` in it begins no variable.
    pub odd: bool,
}

impl Scalar {
    /// Whether it says nothing.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    /// The value of this name, if it is a map and has one.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The values by name, if it is a map.
    pub fn members(&self) -> &[(String, Self)] {
        match &self.kind {
            Kind::Map(members) => members,
            Kind::Scalar(_) | Kind::List(_) => &[],
        }
    }

    /// The elements, if it is a list.
    pub fn elements(&self) -> &[Self] {
        match &self.kind {
            Kind::List(elements) => elements,
            Kind::Scalar(_) | Kind::Map(_) => &[],
        }
    }

    /// The scalar, if it is one and says something.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar).filter(|scalar| !scalar.is_null()),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// The text, if it is a scalar and says something.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.text.as_str())
    }

    /// Whether nothing is written.
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar(scalar) if scalar.is_null())
    }

    /// `true` or `false`, quoted or not.
    pub fn switch(&self) -> Option<bool> {
        match self.text()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// Whether nothing lies inside it.
    pub fn is_leaf(&self) -> bool {
        match &self.kind {
            Kind::Scalar(_) => true,
            Kind::List(elements) => elements.is_empty(),
            Kind::Map(members) => members.is_empty(),
        }
    }

    /// The text or the texts: Compose often takes one where it takes several.
    pub fn one_or_more(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::List(elements) => elements.iter().collect(),
            Kind::Scalar(scalar) if scalar.is_null() => Vec::new(),
            Kind::Scalar(_) | Kind::Map(_) => vec![self],
        }
    }

    /// What it is, for a message.
    pub fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(scalar) if scalar.is_null() => "nothing",
            Kind::Scalar(_) => "a single value",
            Kind::List(_) => "a list",
            Kind::Map(_) => "an object",
        }
    }
}

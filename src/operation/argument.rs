//! Texts of which a part is known only while the program runs. Reads nothing, changes nothing.

use super::Known;
use crate::plan::values::ServiceName;
use std::fmt;

/// A part of an argument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Known from the start.
    Literal(String),
    /// The name of the run.
    Run,
    /// The ID of a service's image, known once it was retrieved.
    ImageOf(ServiceName),
    /// The address of a service's container, known once it was started.
    AddressOf(ServiceName),
}

/// One argument of a command, or one path: literal, or with parts that the runner fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Argument(Vec<Piece>);

impl Argument {
    /// An argument that is known from the start.
    pub fn literal(text: impl fmt::Display) -> Self {
        Self(vec![Piece::Literal(text.to_string())])
    }

    /// The ID of a service's image.
    pub fn image_of(service: &ServiceName) -> Self {
        Self(vec![Piece::ImageOf(service.clone())])
    }

    /// The address of a service's container.
    pub fn address_of(service: &ServiceName) -> Self {
        Self(vec![Piece::AddressOf(service.clone())])
    }

    /// The name of the run.
    pub fn run() -> Self {
        Self(vec![Piece::Run])
    }

    /// This argument followed by a literal text.
    #[must_use]
    pub fn then(mut self, text: impl fmt::Display) -> Self {
        match self.0.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(&text.to_string()),
            Some(Piece::Run | Piece::ImageOf(_) | Piece::AddressOf(_)) | None => {
                self.0.push(Piece::Literal(text.to_string()));
            }
        }
        self
    }

    /// This argument followed by another.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |mut whole, piece| match piece {
            Piece::Literal(text) => whole.then(text),
            Piece::Run | Piece::ImageOf(_) | Piece::AddressOf(_) => {
                whole.0.push(piece);
                whole
            }
        })
    }

    /// What it is made of.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The text, with what the run knows by now filled in; `None` while something is not known yet.
    pub fn resolve(&self, known: &Known) -> Option<String> {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Some(text.clone()),
                Piece::Run => Some(known.run.to_string()),
                Piece::ImageOf(service) => known.images.get(service).map(ToString::to_string),
                Piece::AddressOf(service) => known.addresses.get(service).map(ToString::to_string),
            })
            .collect()
    }
}

/// As the dry run prints it: `<image of web>` stands for what is not known yet.
impl fmt::Display for Argument {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Literal(text) => out.write_str(text),
            Piece::Run => out.write_str("<run>"),
            Piece::ImageOf(service) => write!(out, "<image of {service}>"),
            Piece::AddressOf(service) => write!(out, "<address of {service}>"),
        })
    }
}

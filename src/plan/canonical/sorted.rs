//! Writes the members of each object in the order of their names, and numbers as ECMAScript does (RFC 8785), for serde_json.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::io;

use serde_json::ser::{CompactFormatter, Formatter};

/// The largest whole number up to which each has a double of its own; beyond, what ECMAScript writes may be another one.
const LARGEST: u64 = 1 << 53;

/// What has been written.
#[derive(Debug, Default)]
struct Page {
    text: Vec<u8>,
    /// The objects that are not at their end yet, the outermost first.
    objects: Vec<Object>,
    /// The members of all of them.
    members: Vec<Member>,
}

/// An object that is being written: behind which byte of the text, and behind how many members of others.
#[derive(Debug, Clone, Copy, Default)]
struct Object {
    text: usize,
    members: usize,
}

/// A member of an object: where it begins with the quote of its name, where its name ends with one, and where its value ends.
#[derive(Debug, Clone, Copy, Default)]
struct Member {
    start: usize,
    name: usize,
    end: usize,
}

/// The canonical text of what serializes itself to the writer and the formatter.
///
/// # Errors
/// As of `serialize`.
pub(super) fn text<E>(serialize: impl FnOnce(Pen<'_>) -> Result<(), E>) -> Result<Vec<u8>, E> {
    let page = RefCell::default();
    serialize(Pen(&page))?;
    Ok(page.into_inner().text)
}

/// Writes on a page, both what serde_json writes itself and what it asks a formatter for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a>(&'a RefCell<Page>);

impl Pen<'_> {
    // None of these is to stand once more in what is generated for each type that is written.

    #[inline(never)]
    fn append(self, bytes: &[u8]) {
        self.0.borrow_mut().text.extend_from_slice(bytes);
    }

    #[inline(never)]
    fn open(self) {
        let Page { text, objects, members } = &mut *self.0.borrow_mut();
        text.push(b'{');
        objects.push(Object { text: text.len(), members: members.len() });
    }

    #[inline(never)]
    fn begin_name(self, first: bool) {
        let Page { text, members, .. } = &mut *self.0.borrow_mut();
        if !first {
            text.push(b',');
        }
        members.push(Member { start: text.len(), ..Member::default() });
    }

    #[inline(never)]
    fn end_name(self) {
        let Page { text, members, .. } = &mut *self.0.borrow_mut();
        if let Some(member) = members.last_mut() {
            member.name = text.len();
        }
    }

    #[inline(never)]
    fn end_value(self) {
        let Page { text, members, .. } = &mut *self.0.borrow_mut();
        if let Some(member) = members.last_mut() {
            member.end = text.len();
        }
    }

    /// Puts the members of the object that ends here in order.
    #[inline(never)]
    fn close(self) {
        let Page { text, objects, members } = &mut *self.0.borrow_mut();
        let begun = objects.pop().unwrap_or_default();
        let own = members.get_mut(begun.members..).unwrap_or_default();
        let in_order = |text: &[u8], one: &Member, other: &Member| order(name(text, one), name(text, other));
        if !own.is_sorted_by(|one, other| in_order(text, one, other).is_le()) {
            own.sort_by(|one, other| in_order(text, one, other));
            let texts: Vec<&[u8]> = own.iter().filter_map(|member| text.get(member.start..member.end)).collect();
            let sorted = texts.join(&b',');
            text.truncate(begun.text);
            text.extend(sorted);
        }
        members.truncate(begun.members);
        text.push(b'}');
    }
}

impl io::Write for Pen<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.append(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Formatter for Pen<'_> {
    fn begin_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.open();
        Ok(())
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W, first: bool) -> io::Result<()> {
        self.begin_name(first);
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.end_name();
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.end_value();
        Ok(())
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.close();
        Ok(())
    }

    fn write_i64<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: i64) -> io::Result<()> {
        if number.unsigned_abs() > LARGEST {
            return self.write_f64(writer, number as f64);
        }
        CompactFormatter.write_i64(writer, number)
    }

    fn write_u64<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: u64) -> io::Result<()> {
        if number > LARGEST {
            return self.write_f64(writer, number as f64);
        }
        CompactFormatter.write_u64(writer, number)
    }

    fn write_i128<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: i128) -> io::Result<()> {
        self.write_f64(writer, number as f64)
    }

    fn write_u128<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: u128) -> io::Result<()> {
        self.write_f64(writer, number as f64)
    }

    fn write_f32<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: f32) -> io::Result<()> {
        self.write_f64(writer, f64::from(number))
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, number: f64) -> io::Result<()> {
        writer.write_all(ryu_js::Buffer::new().format_finite(number).as_bytes())
    }
}

/// The name of a member between its quotes, as it is written.
fn name<'a>(text: &'a [u8], member: &Member) -> &'a [u8] {
    text.get(member.start + 1..member.name.saturating_sub(1)).unwrap_or_default()
}

/// Which name comes first by its UTF-16 units; those of plain ASCII are its bytes.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    let is_plain = |name: &[u8]| name.is_ascii() && !name.contains(&b'\\');
    if is_plain(one) && is_plain(other) { one.cmp(other) } else { units(one).cmp(&units(other)) }
}

/// The UTF-16 units of a name as serde_json has written it.
fn units(name: &[u8]) -> Vec<u16> {
    let quoted = [b"\"", name, b"\""].concat();
    serde_json::from_slice::<String>(&quoted).unwrap_or_default().encode_utf16().collect()
}

//! The schema that a document names, read without the rest of it.

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The value of `schema`, wherever it stands; what comes after it is not looked at.
///
/// Returns an error if the text is no JSON object up to there, or has no schema.
pub(crate) fn schema(text: &str) -> Result<String, serde_json::Error> {
    let mut found = None;
    let mut json = serde_json::Deserializer::from_str(text);
    // A visitor that leaves a map early cannot succeed, so what it found goes another way.
    match json.deserialize_map(Head(&mut found)) {
        Err(error) => found.ok_or(error),
        Ok(()) => found.ok_or_else(|| Error::missing_field("schema")),
    }
}

struct Head<'f>(&'f mut Option<String>);

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document of elfin")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "schema" {
                *self.0 = Some(map.next_value()?);
                return Ok(());
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

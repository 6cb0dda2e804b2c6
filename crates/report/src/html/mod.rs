//! placeholder while the page is written
use crate::Lang;
use crate::compare::Side;
use elfin_schema::{Experiment, RecipeRecord};
/// Renders.
pub fn html(_e: &Experiment, _r: &[RecipeRecord], _lang: Lang) -> String {
    String::new()
}
pub(crate) fn compare(_a: Side<'_>, _b: Side<'_>, _lang: Lang) -> String {
    String::new()
}

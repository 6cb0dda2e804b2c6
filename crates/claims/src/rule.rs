//! A condition over named values: `percent <= -17 and not failed`.
//!
//! Read once, when the claims file is; what it names is then known, so that a
//! name that no test gives is told with its line and not when an hour has been
//! spent on measuring.

use elfin_schema::ClaimValue;
use std::collections::BTreeMap;

/// Why a condition is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("condition `{text}`: {says}")]
pub struct RuleError {
    text: String,
    says: String,
}

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    root: Node,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Name(String),
    Not(Box<Node>),
    Both(Box<Node>, Box<Node>),
    Either(Box<Node>, Box<Node>),
    Compare(Box<Node>, String, Box<Node>),
    Compute(Box<Node>, char, Box<Node>),
}

/// Deeper ones are nobody's.
const DEEPEST: usize = 32;

impl Rule {
    /// Reads a condition.
    ///
    /// Returns an error if it is none.
    pub fn parse(text: &str) -> Result<Rule, RuleError> {
        let fails = |says: String| RuleError { text: text.to_owned(), says };
        let mut parser = Parser { words: words(text), at: 0, depth: 0 };
        let root = parser.either().map_err(&fails)?;
        match parser.peek() {
            None => Ok(Rule { root }),
            Some(word) => Err(fails(format!("`{word}` is not expected there"))),
        }
    }

    /// Lists the names in it.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        collect(&self.root, &mut names);
        names
    }

    /// Tells whether it holds; `None` where it needs a value that is not there.
    pub fn holds(&self, values: &BTreeMap<String, ClaimValue>) -> Option<bool> {
        truth(&self.root, values)
    }
}

fn collect<'n>(node: &'n Node, names: &mut Vec<&'n str>) {
    match node {
        Node::Number(_) => {}
        Node::Name(name) => names.push(name),
        Node::Not(one) => collect(one, names),
        Node::Both(one, two)
        | Node::Either(one, two)
        | Node::Compare(one, _, two)
        | Node::Compute(one, _, two) => {
            collect(one, names);
            collect(two, names);
        }
    }
}

type Values = BTreeMap<String, ClaimValue>;

fn truth(node: &Node, values: &Values) -> Option<bool> {
    match node {
        Node::Name(name) => match values.get(name)? {
            ClaimValue::Bool(yes) => Some(*yes),
            ClaimValue::Number(number) => Some(*number != 0.0),
            ClaimValue::Text(text) => Some(!text.is_empty()),
        },
        Node::Number(number) => Some(*number != 0.0),
        Node::Not(one) => truth(one, values).map(|it| !it),
        Node::Both(one, two) => match (truth(one, values), truth(two, values)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (one, two) => Some(one? && two?),
        },
        Node::Either(one, two) => match (truth(one, values), truth(two, values)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (one, two) => Some(one? || two?),
        },
        Node::Compare(one, how, two) => {
            let (one, two) = (number(one, values)?, number(two, values)?);
            Some(match how.as_str() {
                "<" => one < two,
                "<=" => one <= two,
                ">" => one > two,
                ">=" => one >= two,
                "!=" => (one - two).abs() > f64::EPSILON,
                _ => (one - two).abs() <= f64::EPSILON,
            })
        }
        Node::Compute(..) => Some(number(node, values)? != 0.0),
    }
}

fn number(node: &Node, values: &Values) -> Option<f64> {
    match node {
        Node::Number(number) => Some(*number),
        Node::Name(name) => match values.get(name)? {
            ClaimValue::Number(number) => Some(*number),
            ClaimValue::Bool(yes) => Some(f64::from(u8::from(*yes))),
            ClaimValue::Text(_) => None,
        },
        Node::Compute(one, how, two) => {
            let (one, two) = (number(one, values)?, number(two, values)?);
            let value = match how {
                '+' => one + two,
                '-' => one - two,
                '*' => one * two,
                _ => one / two,
            };
            value.is_finite().then_some(value)
        }
        other => truth(other, values).map(|it| f64::from(u8::from(it))),
    }
}

/// Cuts a condition into words and signs.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut joined = false;
    for character in text.chars() {
        let is_word = character.is_alphanumeric() || "_.".contains(character);
        let is_sign = "<>=!".contains(character);
        let goes_on = joined
            && words.last().and_then(|it| it.chars().last()).is_some_and(|last| {
                let last_is_word = last.is_alphanumeric() || "_.".contains(last);
                let last_is_sign = "<>=!".contains(last);
                (is_word && last_is_word) || (is_sign && last_is_sign)
            });
        if character.is_whitespace() {
            joined = false;
        } else if goes_on {
            if let Some(last) = words.last_mut() {
                last.push(character);
            }
        } else {
            words.push(character.to_string());
            joined = true;
        }
    }
    words
}

struct Parser {
    words: Vec<String>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn take(&mut self, wanted: &[&str]) -> Option<String> {
        let word = self.peek().filter(|it| wanted.contains(it))?.to_owned();
        self.at += 1;
        Some(word)
    }

    fn either(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deep".to_owned());
        }
        let mut left = self.both()?;
        while self.take(&["or"]).is_some() {
            left = Node::Either(Box::new(left), Box::new(self.both()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Node, String> {
        let mut left = self.comparison()?;
        while self.take(&["and"]).is_some() {
            left = Node::Both(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Node, String> {
        if self.take(&["not"]).is_some() {
            self.depth += 1;
            if self.depth > DEEPEST {
                return Err("it is nested too deep".to_owned());
            }
            return Ok(Node::Not(Box::new(self.comparison()?)));
        }
        let left = self.sum()?;
        match self.take(&["<", "<=", ">", ">=", "==", "!="]) {
            Some(how) => Ok(Node::Compare(Box::new(left), how, Box::new(self.sum()?))),
            None => Ok(left),
        }
    }

    fn sum(&mut self) -> Result<Node, String> {
        let mut left = self.product()?;
        while let Some(how) = self.take(&["+", "-"]) {
            let sign = if how == "+" { '+' } else { '-' };
            left = Node::Compute(Box::new(left), sign, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, String> {
        let mut left = self.one()?;
        while let Some(how) = self.take(&["*", "/"]) {
            let sign = if how == "*" { '*' } else { '/' };
            left = Node::Compute(Box::new(left), sign, Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Node, String> {
        let word = self.peek().ok_or("it ends too early")?.to_owned();
        self.at += 1;
        if word == "(" {
            let inside = self.either()?;
            return self.take(&[")"]).map(|_| inside).ok_or("a `)` is missing".to_owned());
        }
        if word == "-" {
            let number = self.one()?;
            return Ok(Node::Compute(Box::new(Node::Number(0.0)), '-', Box::new(number)));
        }
        if let Ok(number) = word.parse::<f64>() {
            return Ok(Node::Number(number));
        }
        let is_name = word.starts_with(|it: char| it.is_ascii_alphabetic());
        let is_taken = ["and", "or", "not"].contains(&word.as_str());
        if is_name && !is_taken {
            Ok(Node::Name(word))
        } else {
            Err(format!("`{word}` is no value"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let number = |it| ClaimValue::Number(it);
        [
            ("percent".to_owned(), number(-18.0)),
            ("figure".to_owned(), number(-16.2)),
            ("failed".to_owned(), ClaimValue::Bool(false)),
            ("says".to_owned(), ClaimValue::Text("no".to_owned())),
        ]
        .into()
    }

    #[test]
    fn conditions_are_read_with_the_usual_order() {
        for (text, expected) in [
            ("percent <= -17 and percent >= -20", Some(true)),
            ("not failed", Some(true)),
            ("failed or percent < figure", Some(true)),
            ("percent - figure > 0 - 2 and percent - figure < 2", Some(true)),
            ("percent / 2 == -9", Some(true)),
            ("(failed or percent > 0) and not failed", Some(false)),
            ("missing > 1", None),
            ("failed and missing > 1", Some(false)),
            ("says > 1", None),
            ("percent / 0 > 1", None),
        ] {
            assert_eq!(Rule::parse(text).unwrap().holds(&values()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_refused_with_its_words() {
        for (text, part) in [
            ("", "ends too early"),
            ("a <", "ends too early"),
            ("a b", "`b`"),
            ("(a", "`)` is missing"),
            ("a and or b", "`or`"),
            ("a => 1", "`=>`"),
        ] {
            let says = Rule::parse(text).unwrap_err().to_string();
            assert!(says.contains(part), "{text}: {says}");
        }
        assert!(Rule::parse(&"(".repeat(10_000)).is_err());
        assert!(Rule::parse(&"not ".repeat(10_000)).is_err());
    }
}

//! Versions as far as they matter here: major and minor.

/// Major and minor of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32);

impl Version {
    /// Finds the first `N.N` in a text: in `go version go1.26.8 linux/amd64`, in `upx 4.2.2`, in
    /// the Debian version `2:1.19~1`.
    pub(crate) fn find(text: &str) -> Option<Version> {
        let is_number = |it: &&str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        text.split(|it: char| !it.is_ascii_digit() && it != '.').find_map(|word| {
            let mut numbers = word.split('.').take_while(is_number).map(|it| it.parse().ok());
            Some(Version(numbers.next()??, numbers.next()??))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_where_tools_and_packages_put_them() {
        let cases = [
            ("go version go1.26.8 linux/amd64", Some(Version(1, 26))),
            ("upx 4.2.2\nUCL data compression library 1.03", Some(Version(4, 2))),
            ("2:1.19~1", Some(Version(1, 19))),
            ("4.2.2-3~bpo12+1", Some(Version(4, 2))),
            ("(none)", None),
            ("devel. 7", None),
        ];
        for (text, version) in cases {
            assert_eq!(Version::find(text), version, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version(1, 21) > Version(1, 9) && Version(4, 2) > Version(3, 96));
    }
}

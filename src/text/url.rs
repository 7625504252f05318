//! URLs as they may stand in a link line: RFC 3986, section 2; at most 1,024 bytes (Gemini specification).

/// The longest URL a Gemini request may hold, in bytes.
pub const LONGEST: usize = 1024;

/// The scheme of an absolute URL, lower case (RFC 3986, 3.1).
pub fn scheme(url: &str) -> Option<String> {
    let (scheme, _) = url.split_once(':')?;
    let mut letters = scheme.chars();
    let first = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
    let rest = letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'));
    (first && rest).then(|| scheme.to_ascii_lowercase())
}

/// The URL with everything percent-encoded that may not stand in one; what is encoded already stays. A host
/// beyond ASCII becomes its A-label. `None` when it is longer than [`LONGEST`] or empty.
pub fn escape(url: &str) -> Option<String> {
    let url = url.trim();
    let mut out = String::with_capacity(url.len());
    match host(url).filter(|(_, host, _)| !host.is_ascii()) {
        Some((before, host, after)) => {
            encode(before, &mut out);
            match idna::domain_to_ascii(host) {
                Ok(ascii) => out.push_str(&ascii),
                Err(_) => encode(host, &mut out),
            }
            encode(after, &mut out);
        }
        None => encode(url, &mut out),
    }
    (!out.is_empty() && out.len() <= LONGEST).then_some(out)
}

/// Before, in, and after the host of a URL with an authority.
fn host(url: &str) -> Option<(&str, &str, &str)> {
    let start = url.find("://")? + 3;
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    let start = url[start..end].rfind('@').map_or(start, |at| start + at + 1);
    let end = url[start..end].rfind(':').map_or(end, |at| start + at);
    Some((&url[..start], &url[start..end], &url[end..]))
}

fn encode(text: &str, out: &mut String) {
    for (index, byte) in text.bytes().enumerate() {
        let broken = byte == b'%'
            && !text.as_bytes().get(index + 1..index + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => push(byte, out),
            _ if broken || !byte.is_ascii_graphic() => push(byte, out),
            _ => out.push(char::from(byte)),
        }
    }
}

fn push(byte: u8, out: &mut String) {
    out.push('%');
    out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
    out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_stand_in_a_url_is_encoded_once() {
        let escaped = |url: &str| escape(url).unwrap();
        assert_eq!(escaped("https://x.org/a b?q=<é>%20"), "https://x.org/a%20b?q=%3C%C3%A9%3E%20");
        assert_eq!(escaped("https://x.org/100%"), "https://x.org/100%25");
        assert_eq!(escaped("https://münchen.example/ü"), "https://xn--mnchen-3ya.example/%C3%BC");
        assert_eq!(escaped("gemini://h/a\r\nb"), "gemini://h/a%0D%0Ab");
        assert_eq!(escape(&format!("https://x.org/{}", "a".repeat(1024))), None);
    }

    #[test]
    fn a_scheme_is_one() {
        assert_eq!(scheme("MailTo:x@y.org").as_deref(), Some("mailto"));
        assert_eq!(scheme("a/b:c"), None);
        assert_eq!(scheme("x.md"), None);
    }
}

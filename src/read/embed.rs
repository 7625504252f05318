//! Players and embedded posts as plain links: the address a reader can follow, and what to call it.
//!
//! Shortcodes (`{{< youtube id >}}`) and HTML (`<iframe src>`) come here, so that nothing is fetched from a third
//! party unless the reader chooses to.

use crate::content::document::Medium;

/// A link in place of something embedded; the renderer finds the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Embed {
    pub(super) url: String,
    pub(super) medium: Medium,
    /// Empty where it is not known.
    pub(super) provider: &'static str,
    pub(super) title: String,
}

/// A provider by the name of its shortcode, with the piece of the URL before the id.
const PROVIDERS: [(&str, &str, &str, Medium); 13] = [
    ("youtube", "YouTube", "https://www.youtube.com/watch?v=", Medium::Video),
    ("vimeo", "Vimeo", "https://vimeo.com/", Medium::Video),
    ("vimeo_simple", "Vimeo", "https://vimeo.com/", Medium::Video),
    ("dailymotion", "Dailymotion", "https://www.dailymotion.com/video/", Medium::Video),
    ("asciinema", "asciinema", "https://asciinema.org/a/", Medium::Video),
    ("instagram", "Instagram", "https://www.instagram.com/p/", Medium::Page),
    ("instagram_simple", "Instagram", "https://www.instagram.com/p/", Medium::Page),
    ("tweet", "Twitter", "https://twitter.com/i/status/", Medium::Page),
    ("twitter", "Twitter", "https://twitter.com/i/status/", Medium::Page),
    ("x", "X", "https://x.com/i/status/", Medium::Page),
    ("x_simple", "X", "https://x.com/i/status/", Medium::Page),
    ("gist", "Gist", "https://gist.github.com/", Medium::Page),
    ("codepen", "CodePen", "https://codepen.io/", Medium::Page),
];

/// Frames of known players, and the page that shows the same: host, beginning of the path, provider.
const PLAYERS: [(&str, &str, &str); 8] = [
    ("www.youtube.com", "/embed/", "youtube"),
    ("youtube.com", "/embed/", "youtube"),
    ("www.youtube-nocookie.com", "/embed/", "youtube"),
    ("player.vimeo.com", "/video/", "vimeo"),
    ("www.dailymotion.com", "/embed/video/", "dailymotion"),
    ("asciinema.org", "/a/", "asciinema"),
    ("gist.github.com", "/", "gist"),
    ("geo.dailymotion.com", "/player.html?video=", "dailymotion"),
];

/// Whether a shortcode of this name embeds something.
pub(super) fn is_provider(name: &str) -> bool {
    PROVIDERS.iter().any(|(known, ..)| *known == name)
}

/// From a shortcode's name and arguments. `None` if it is none of these, or has no id.
pub(super) fn provider(name: &str, ids: &[&str], title: Option<&str>) -> Option<Embed> {
    let (_, provider, base, medium) = PROVIDERS.iter().find(|(known, ..)| *known == name)?;
    let ids: Vec<&str> = ids.iter().copied().filter(|id| !id.is_empty()).collect();
    let named = |id: String| (format!("{base}{id}"), id);
    let (url, own) = match (name, ids.as_slice()) {
        (_, []) => return None,
        (_, [id, ..]) if id.starts_with("https://") || id.starts_with("http://") => ((*id).to_owned(), String::new()),
        ("gist", [user, id, ..]) => named(format!("{user}/{id}")),
        ("gist", [id]) => named((*id).to_owned()),
        ("codepen", [user, id, ..]) => (format!("{base}{user}/pen/{id}"), (*user).to_owned()),
        ("twitter" | "tweet" | "x", [id, user, ..]) => {
            (base.replace("/i/", &format!("/{user}/")) + id, (*user).to_owned())
        }
        (_, [id, ..]) => (format!("{base}{id}"), String::new()),
    };
    let title = Some(bare(title)).filter(|title| !title.is_empty()).unwrap_or(own);
    Some(Embed { url, medium: *medium, provider, title })
}

/// From the address of a frame or player.
pub(super) fn frame(source: &str, medium: Medium, title: Option<&str>) -> Embed {
    let source = if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() };
    let rest = source.split_once("://").map_or("", |(_, rest)| rest);
    for (host, path, name) in PLAYERS {
        let Some(id) = rest.strip_prefix(host).and_then(|rest| rest.strip_prefix(path)) else { continue };
        let end = |c: char| matches!(c, '?' | '&' | '#') || (c == '/' && name != "gist");
        let id = id.split(end).next().unwrap_or(id);
        if let Some(embed) = provider(name, &[id], title) {
            return embed;
        }
    }
    if let Some((url, provider, medium)) = known_frame(&source) {
        return Embed { url, medium, provider, title: bare(title) };
    }
    let title = Some(bare(title)).filter(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| if medium == Medium::Page { String::new() } else { file_name(&source) });
    Embed { url: source, medium, provider: "", title }
}

/// Frames of which the page that shows the same has an address like theirs: that page, and whose it is.
fn known_frame(source: &str) -> Option<(String, &'static str, Medium)> {
    let (host, path) = source.split_once("://")?.1.split_once('/')?;
    let bare = path.split(['?', '#']).next().unwrap_or(path);
    let page = |path: &str| format!("https://{host}/{path}");
    let pieces: Vec<&str> = bare.split('/').collect();
    match (host.trim_start_matches("www."), pieces.as_slice()) {
        ("open.spotify.com", ["embed", rest @ ..]) => Some((page(&rest.join("/")), "Spotify", Medium::Page)),
        ("codepen.io", [user, "embed" | "embed-preview", pen]) => {
            Some((page(&format!("{user}/pen/{pen}")), "CodePen", Medium::Page))
        }
        ("google.com", ["maps", ..]) => Some((source.to_owned(), "Google Maps", Medium::Page)),
        ("openstreetmap.org", ["export", "embed.html"]) => Some((source.to_owned(), "OpenStreetMap", Medium::Page)),
        ("slideshare.net", ["slideshow", "embed_code", ..]) => Some((source.to_owned(), "SlideShare", Medium::Page)),
        ("w.soundcloud.com", ["player", ..]) => Some((source.to_owned(), "SoundCloud", Medium::Audio)),
        ("bandcamp.com", ["EmbeddedPlayer", ..]) => Some((source.to_owned(), "Bandcamp", Medium::Audio)),
        (_, ["videos", "embed", id]) => Some((page(&format!("w/{id}")), "PeerTube", Medium::Video)),
        (_, [user, id, "embed"]) if user.starts_with('@') => {
            Some((page(&format!("{user}/{id}")), "Mastodon", Medium::Page))
        }
        (_, _) => None,
    }
}

/// What a film or a sound is called that has no title.
fn file_name(source: &str) -> String {
    let path = source.split(['?', '#']).next().unwrap_or(source);
    path.rsplit('/').next().filter(|name| name.contains('.')).unwrap_or_default().to_owned()
}

/// The page that shows what a script would put in its place; `None` for a script that shows nothing itself.
pub(super) fn script(source: &str, id: Option<&str>) -> Option<String> {
    let rest = source.trim_start_matches("https:").trim_start_matches("http:").strip_prefix("//")?;
    let (host, path) = rest.split_once('/')?;
    let bare = path.split(['?', '#']).next().unwrap_or(path);
    let named = |start: &str| bare.strip_prefix(start)?.strip_suffix(".js").filter(|id| !id.is_empty());
    match host {
        "asciinema.org" => named("a/").map(|id| format!("https://asciinema.org/a/{id}")),
        "gist.github.com" => named("").map(|id| format!("https://gist.github.com/{id}")),
        "gitlab.com" => named("").filter(|id| id.contains("snippets/")).map(|id| format!("https://gitlab.com/{id}")),
        "pastebin.com" => bare.strip_prefix("embed_js/").map(|id| format!("https://pastebin.com/{id}")),
        "speakerdeck.com" => id.map(|id| format!("https://speakerdeck.com/player/{id}")),
        "jsfiddle.net" => bare.split_once("/embed/").map(|(id, _)| format!("https://jsfiddle.net/{id}/")),
        _ => None,
    }
}

fn bare(title: Option<&str>) -> String {
    title.map(str::trim).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_become_addresses() {
        let url = |name, ids: &[&str]| provider(name, ids, None).map(|embed| embed.url);
        assert_eq!(url("youtube", &["w7Ft2ymGmfc"]).as_deref(), Some("https://www.youtube.com/watch?v=w7Ft2ymGmfc"));
        assert_eq!(url("gist", &["spf13", "789"]).as_deref(), Some("https://gist.github.com/spf13/789"));
        assert_eq!(url("youtube", &[""]), None);
        assert_eq!(url("unknown", &["1"]), None);
    }

    #[test]
    fn scripts_become_the_page_they_show() {
        let url = |source| script(source, Some("1"));
        assert_eq!(url("https://asciinema.org/a/14.js").as_deref(), Some("https://asciinema.org/a/14"));
        assert_eq!(url("//gist.github.com/u/ab.js?file=x").as_deref(), Some("https://gist.github.com/u/ab"));
        assert_eq!(url("https://platform.twitter.com/widgets.js"), None);
        assert_eq!(url("/js/site.js"), None);
    }

    #[test]
    fn frames_become_the_page_that_shows_the_same() {
        let embed = frame("//www.youtube-nocookie.com/embed/abc?rel=0", Medium::Page, Some(" Un titre "));
        assert_eq!(embed.url, "https://www.youtube.com/watch?v=abc");
        assert_eq!((embed.medium, embed.provider, embed.title.as_str()), (Medium::Video, "YouTube", "Un titre"));
        assert_eq!(frame("/a.mp4", Medium::Video, None).provider, "");
    }
}

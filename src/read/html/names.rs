//! The elements by name: those that frames are opened under, those that begin a line of their own.

/// Names that frames are opened and closed under.
pub(super) const NAMES: [&str; 59] = [
    "a",
    "article",
    "aside",
    "audio",
    "b",
    "blockquote",
    "button",
    "cite",
    "code",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "iframe",
    "li",
    "menu",
    "noscript",
    "object",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "s",
    "samp",
    "script",
    "select",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "th",
    "tr",
    "tt",
    "ul",
    "var",
    "video",
];

/// Elements that hold blocks, and so may be open around a block of code that is none.
pub(super) const HOLDERS: [&str; 25] = [
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// Those in which nothing but other elements can stand, code least of all.
pub(super) fn holds_elements_only(name: &str) -> bool {
    matches!(name, "table" | "thead" | "tbody" | "tfoot" | "tr" | "ul" | "ol" | "dl")
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "section"
            | "header"
            | "footer"
            | "main"
            | "nav"
            | "address"
            | "center"
            | "details"
            | "fieldset"
            | "hgroup"
            | "body"
            | "html"
            | "head"
            | "caption"
            | "thead"
            | "tfoot"
            | "video-js"
            | "picture-gallery"
            | "legend"
    )
}

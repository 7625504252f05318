//! Which tongue a source is written in: what its generator adds to Markdown, and what the author configured.
//!
//! Made for a page by its layout (`Dialect::hugo(language)`), adjusted by the generator's own configuration
//! ([`Dialect::configured`]) and by the author's ([`Dialect::with`]); read by `markdown` and the passes before it.

use std::borrow::Cow;
use std::sync::Arc;

use pulldown_cmark::Options;

use super::conversion::Conversion;
use super::smart::Typography;
use super::value::Value;
use crate::content::Language;
use crate::text::search;

/// What made the site, and so which template tags stand in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// Not known: every tag that can be told from prose.
    Plain,
    /// `{{< x >}}`, `{{% x %}}`.
    Hugo,
    /// `{{ x() }}`, `{% x() %} … {% end %}`.
    Zola,
    /// Liquid: `{{ x }}`, `{% x %}`.
    Jekyll,
    /// Tags of plug-ins only: `{% x %}`.
    Pelican,
    /// Liquid or Nunjucks.
    Eleventy,
    /// Expressions and components in `.mdx`, nothing else.
    Astro,
}

/// How formulas are marked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Math {
    #[default]
    None,
    /// `$…$` and `$$…$$`, where they cannot be prices.
    Dollars,
    Delimited(Vec<Delimiters>),
}

/// A pair of marks around a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delimiters {
    pub open: String,
    pub close: String,
    pub place: Place,
}

/// Where a formula stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Inline,
    /// On lines of its own.
    Block,
    /// Whichever of both it is.
    Either,
}

/// Which extensions a site generator understands, and whose typography is set.
#[derive(Clone, Debug)]
pub struct Dialect {
    pub language: Language,
    pub generator: Generator,
    /// `Term`, newline, `: definition`.
    pub definitions: bool,
    /// `## Heading {#id .class}`.
    pub heading_attributes: bool,
    pub math: Math,
    /// `x^2^` and `H~2~O`; not left to the parser, which finds them between words only, and in `[^x] … ^`.
    pub scripts: bool,
    /// `==x==` is marked.
    pub marks: bool,
    /// Quotation marks, dashes and ellipses are set for the language.
    pub smart: bool,
    /// `:smile:` is a picture.
    pub emoji: bool,
    /// `[[page]]` is a link.
    pub wiki_links: bool,
    /// The generator's configuration, for `{{ site.title }}` and its kin.
    pub site: Option<Arc<Value>>,
    /// What the author's configuration says.
    pub conversion: Arc<Conversion>,
}

impl Dialect {
    /// Files that no generator is known for: everything but what changes characters.
    pub fn plain(language: Language) -> Dialect {
        let scripts = true;
        Dialect {
            scripts,
            marks: true,
            definitions: true,
            math: Math::Dollars,
            ..Dialect::of(Generator::Plain, language)
        }
    }

    /// Hugo as it comes: goldmark with definition lists and its typographer.
    pub fn hugo(language: Language) -> Dialect {
        Dialect { definitions: true, smart: true, ..Dialect::of(Generator::Hugo, language) }
    }

    /// Zola as it comes.
    pub fn zola(language: Language) -> Dialect {
        Dialect::of(Generator::Zola, language)
    }

    /// Jekyll as it comes: kramdown with its typography and `$$` around formulas.
    pub fn jekyll(language: Language) -> Dialect {
        let dollars = Delimiters { open: "$$".to_owned(), close: "$$".to_owned(), place: Place::Either };
        let math = Math::Delimited(vec![dollars]);
        Dialect { definitions: true, smart: true, math, ..Dialect::of(Generator::Jekyll, language) }
    }

    /// Pelican as it comes: Python-Markdown with its extras.
    pub fn pelican(language: Language) -> Dialect {
        Dialect { definitions: true, ..Dialect::of(Generator::Pelican, language) }
    }

    /// Eleventy as it comes: markdown-it.
    pub fn eleventy(language: Language) -> Dialect {
        Dialect { marks: true, ..Dialect::of(Generator::Eleventy, language) }
    }

    /// Astro as it comes: remark with smartypants.
    pub fn astro(language: Language) -> Dialect {
        Dialect { smart: true, ..Dialect::of(Generator::Astro, language) }
    }

    /// A generator as it comes.
    pub fn usual(generator: Generator, language: Language) -> Dialect {
        match generator {
            Generator::Plain => Dialect::plain(language),
            Generator::Hugo => Dialect::hugo(language),
            Generator::Zola => Dialect::zola(language),
            Generator::Jekyll => Dialect::jekyll(language),
            Generator::Pelican => Dialect::pelican(language),
            Generator::Eleventy => Dialect::eleventy(language),
            Generator::Astro => Dialect::astro(language),
        }
    }

    fn of(generator: Generator, language: Language) -> Dialect {
        Dialect {
            language,
            generator,
            definitions: false,
            heading_attributes: true,
            math: Math::None,
            scripts: false,
            marks: false,
            smart: false,
            emoji: false,
            wiki_links: false,
            site: None,
            conversion: Arc::default(),
        }
    }

    /// As the generator's own configuration changes it.
    pub fn configured(mut self, site: &Arc<Value>) -> Dialect {
        let yes = |key: &str| site.get(key).and_then(Value::bool);
        match self.generator {
            Generator::Plain | Generator::Pelican | Generator::Eleventy => {}
            Generator::Hugo => {
                let extension = |name: &str| format!("markup.goldmark.extensions.{name}");
                let off = extension("typographer.disable");
                self.smart = !yes(&off).unwrap_or(yes(&extension("typographer")) == Some(false));
                self.definitions = yes(&extension("definitionList")).unwrap_or(true);
                self.emoji = yes("enableEmoji").unwrap_or(false);
                let script = |name: &str| yes(&extension(&format!("extras.{name}.enable"))).unwrap_or(false);
                self.scripts = script("superscript") || script("subscript");
                self.marks = script("mark");
                if yes(&extension("passthrough.enable")) == Some(true) {
                    self.math = passthrough(site.get(&extension("passthrough.delimiters")));
                }
            }
            Generator::Zola => {
                let smart = yes("markdown.smart_punctuation");
                let old = yes("smart_punctuation");
                self.smart = smart.or(old).unwrap_or(false);
                self.emoji = yes("markdown.render_emoji").unwrap_or(false);
                self.definitions = yes("markdown.definition_list").unwrap_or(false);
            }
            Generator::Jekyll => {
                let plugins = site.get("plugins").or_else(|| site.get("gems"));
                let is_jemoji = |item: &Value| item.text().as_deref() == Some("jemoji");
                self.emoji = plugins.is_some_and(|list| list.items().iter().any(is_jemoji));
                let kramdown = site.get("markdown").and_then(Value::text).is_none_or(|name| name == "kramdown");
                self.definitions = kramdown;
                self.smart = kramdown && site.get("kramdown.smart_quotes").is_none_or(|quotes| !plain_quotes(quotes));
            }
            Generator::Astro => self.smart = yes("markdown.smartypants").unwrap_or(true),
        }
        self.site = Some(Arc::clone(site));
        self
    }

    /// As the author's configuration changes it.
    pub fn with(mut self, conversion: &Arc<Conversion>) -> Dialect {
        self.wiki_links = conversion.wiki_links;
        self.emoji = conversion.emoji.unwrap_or(self.emoji);
        self.smart = conversion.smart.unwrap_or(self.smart);
        self.conversion = Arc::clone(conversion);
        self
    }

    /// Whether the first line of a block of code may name its language.
    pub(super) fn takes_codehilite(&self) -> bool {
        match self.generator {
            Generator::Pelican => true,
            Generator::Plain
            | Generator::Hugo
            | Generator::Zola
            | Generator::Jekyll
            | Generator::Eleventy
            | Generator::Astro => false,
        }
    }

    /// As it is on a page whose front matter, or whose site, asks for formulas: a script looks for them in what the
    /// generator left.
    pub(super) fn with_formulas(&self, asked: bool) -> Cow<'_, Dialect> {
        match self.generator {
            Generator::Hugo | Generator::Zola if asked && self.math == Math::None => {
                let mut math = passthrough(None);
                if let Math::Delimited(pairs) = &mut math {
                    let dollar = || "$".to_owned();
                    pairs.push(Delimiters { open: dollar(), close: dollar(), place: Place::Inline });
                }
                Cow::Owned(Dialect { math, ..self.clone() })
            }
            Generator::Plain
            | Generator::Hugo
            | Generator::Zola
            | Generator::Jekyll
            | Generator::Pelican
            | Generator::Eleventy
            | Generator::Astro => Cow::Borrowed(self),
        }
    }

    pub(super) fn typography(&self) -> Typography {
        match (self.smart, self.language.primary() == "fr") {
            (false, _) => Typography::Plain,
            (true, true) => Typography::French,
            (true, false) => Typography::English,
        }
    }

    /// Listed one by one: `Options::all()` without old footnotes has none at all.
    pub(super) fn options(&self, body: &str) -> Options {
        let mut options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS | Options::ENABLE_GFM;
        options.set(Options::ENABLE_FOOTNOTES, search::holds(body, "[^") && search::holds(body, "]:"));
        options.set(Options::ENABLE_DEFINITION_LIST, self.definitions);
        options.set(Options::ENABLE_HEADING_ATTRIBUTES, self.heading_attributes);
        options.set(Options::ENABLE_MATH, self.math == Math::Dollars && holds_formulas(body));
        options.set(Options::ENABLE_WIKILINKS, self.wiki_links);
        options
    }
}

/// Whether dollars stand around formulas: where none has a sign of TeX in it and some hold a link, a note or more
/// than one word after a number, they are prices.
fn holds_formulas(body: &str) -> bool {
    let parts: Vec<&str> = body.split('$').collect();
    let between = parts.iter().skip(1).take(parts.len().saturating_sub(2));
    // What a pair of dollars may hold, to CommonMark's mathematical neighbours: no blank at its ends, one paragraph.
    let held = between.filter(|text| {
        !text.is_empty() && !text.starts_with(char::is_whitespace) && !text.ends_with(char::is_whitespace)
    });
    let (mut formula, mut price) = (false, false);
    for text in held.filter(|text| !text.contains("\n\n")) {
        let marked = ["](", "[^", "**"].iter().any(|sign| text.contains(sign));
        let tex = text.contains(['\\', '^', '_', '{', '=']);
        formula |= tex && !marked;
        let number = text.starts_with(|c: char| c.is_ascii_digit());
        price |= marked || (number && !tex && text.contains(' '));
    }
    formula || !price
}

/// Hugo's `[markup.goldmark.extensions.passthrough.delimiters]`, with its defaults.
fn passthrough(delimiters: Option<&Value>) -> Math {
    let pairs = |name: &str, default: &[(&str, &str)], place: Place| -> Vec<Delimiters> {
        let own = |(open, close): (String, String)| Delimiters { open, close, place };
        match delimiters.and_then(|value| value.get(name)) {
            Some(list) => list.items().iter().filter_map(pair).map(own).collect(),
            None => default.iter().map(|(open, close)| own(((*open).to_owned(), (*close).to_owned()))).collect(),
        }
    };
    let mut all = pairs("block", &[("\\[", "\\]"), ("$$", "$$")], Place::Block);
    all.extend(pairs("inline", &[("\\(", "\\)")], Place::Inline));
    // `$$` is looked for before `$`.
    all.sort_by_key(|pair| std::cmp::Reverse(pair.open.len()));
    Math::Delimited(all)
}

fn pair(value: &Value) -> Option<(String, String)> {
    match value.items() {
        [open, close] => {
            Some((open.text()?, close.text()?)).filter(|(open, close)| !open.is_empty() && !close.is_empty())
        }
        _ => None,
    }
}

/// kramdown's way to say that quotation marks stay as they are: `["apos", "apos", "quot", "quot"]`.
fn plain_quotes(value: &Value) -> bool {
    let text = value.items().iter().filter_map(Value::text).collect::<Vec<_>>().join(",");
    text.contains("apos") && text.contains("quot")
}

#[cfg(test)]
mod tests {
    use super::super::value::{parse_toml, parse_yaml};
    use super::*;

    #[test]
    fn hugos_configuration_is_followed() {
        let toml = "enableEmoji = true\n[markup.goldmark.extensions]\ntypographer = {disable = true}\n\
                    passthrough = {enable = true, delimiters = {inline = [['\\(', '\\)'], ['$', '$']]}}\n";
        let dialect = Dialect::hugo(Language::english()).configured(&Arc::new(parse_toml(toml).unwrap()));
        assert!(dialect.emoji && !dialect.smart);
        let Math::Delimited(pairs) = dialect.math else { panic!("formulas are delimited") };
        let open: Vec<&str> = pairs.iter().map(|pair| pair.open.as_str()).collect();
        assert_eq!(open, ["\\[", "$$", "\\(", "$"]);
    }

    #[test]
    fn prices_are_no_formulas() {
        for prices in ["It was $5 and [then](/x)$6.", "From $20 to 30$.", "It was $5[^1] or 6$."] {
            assert!(!holds_formulas(prices), "{prices}");
        }
        for formulas in ["$x$", "$x^2$ costs $5 at [us](/x)$3", "$$\n\\int x\n$$", "No dollar", "$5 once"] {
            assert!(holds_formulas(formulas), "{formulas}");
        }
    }

    #[test]
    fn zolas_and_jekylls_are_followed() {
        let toml = parse_toml("[markdown]\nsmart_punctuation = true\nrender_emoji = true\n").unwrap();
        let zola = Dialect::zola(Language::english()).configured(&Arc::new(toml));
        assert!(zola.smart && zola.emoji && !zola.definitions);
        let yaml = parse_yaml("plugins: [jemoji]\nkramdown:\n  smart_quotes: [apos, apos, quot, quot]\n").unwrap();
        let jekyll = Dialect::jekyll(Language::english()).configured(&Arc::new(yaml));
        assert!(jekyll.emoji && !jekyll.smart && jekyll.definitions);
    }
}

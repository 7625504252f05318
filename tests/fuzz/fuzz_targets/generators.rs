//! Any text as the configuration of a site generator: understood as far as it goes, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use maquis::read::{hugo::Hugo, jekyll::Jekyll, pelican::Pelican, zola::Zola};

fuzz_target!(|text: &str| {
    for name in ["hugo.toml", "hugo.yaml", "hugo.json"] {
        if let Ok(hugo) = Hugo::read(name, text) {
            let _read = hugo.reads("content/post.md");
        }
    }
    let _zola = Zola::read(text);
    if let Ok(jekyll) = Jekyll::read(text) {
        let _read = (jekyll.looks_at("_posts/2024-01-02-post.md"), jekyll.logical("_posts/2024-01-02-post.md").len());
    }
    let pelican = Pelican::read(&[text, text]);
    let _read = (pelican.is_content("post.md"), pelican.is_static("images/a.png"), pelican.renamed("post.md").len());
});

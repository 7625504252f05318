//! What each syntax says in one kind of value, and what is refused.

use super::*;

fn message(result: Result<Value, ValueError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn the_three_syntaxes_say_the_same() {
    let yaml = parse_yaml("Title: Été\nweight: 3\nbuild:\n  list: never\ntags: [a, \"b\"]\n").unwrap();
    let toml = parse_toml("Title = 'Été'\nweight = 3\ntags = ['a', 'b']\n[build]\nlist = 'never'\n").unwrap();
    let json = parse_json(r#"{"Title":"Été","weight":3,"build":{"list":"never"},"tags":["a","b"]} "#).unwrap();
    for value in [yaml, toml, json] {
        assert_eq!(value.get("title").and_then(Value::text).as_deref(), Some("Été"));
        assert_eq!(value.get("BUILD.List").and_then(Value::text).as_deref(), Some("never"));
        assert_eq!(value.get("tags").unwrap().items().len(), 2);
        assert_eq!(value.get("weight").and_then(Value::integer), Some(3));
        assert_eq!(value.get("build.list.x"), None);
    }
}

#[test]
fn yaml_words_stay_what_the_author_wrote() {
    let value = parse_yaml("a: no\nb: 007\nc: 2024-01-05\nd: 1_000\ne: True\nf: ~\ng:\nh: .inf\n42: x\n").unwrap();
    let text = |key| value.get(key).and_then(Value::text);
    assert_eq!(text("a").as_deref(), Some("no"));
    assert_eq!(text("b").as_deref(), Some("007"));
    assert_eq!(text("c").as_deref(), Some("2024-01-05"));
    assert_eq!(text("d").as_deref(), Some("1_000"));
    assert_eq!(value.get("e"), Some(&Value::Bool(true)));
    assert!(value.get("f").unwrap().is_blank() && value.get("g").unwrap().is_blank());
    assert_eq!(text("42").as_deref(), Some("x"));
}

#[test]
fn the_last_of_two_equal_keys_counts() {
    for value in [parse_yaml("a: 1\nA: 2\na: 3\n").unwrap(), parse_json(r#"{"a":1,"A":2,"a":3}"#).unwrap()] {
        assert_eq!(value.get("a").and_then(Value::integer), Some(3));
        assert_eq!(value.map().unwrap().repeated(), ["A", "a"]);
    }
    assert!(message(parse_toml("a = 1\na = 2\n")).starts_with("line 2: duplicate key"));
}

#[test]
fn merge_keys_and_aliases_are_resolved() {
    let value = parse_yaml("base: &b {x: 1, y: 2}\nme:\n  <<: *b\n  y: 3\n").unwrap();
    assert_eq!(value.get("me.x").and_then(Value::integer), Some(1));
    assert_eq!(value.get("me.y").and_then(Value::integer), Some(3));
}

#[test]
fn errors_have_lines() {
    assert_eq!(message(parse_yaml("a: 1\n\tb: 2\n")), "line 2: a tab begins the line; YAML indents with spaces");
    assert!(message(parse_yaml("a: 1\nb: c: 3\n")).starts_with("line 2: a second `:` stands in the value"));
    assert!(message(parse_toml("a = 1\nb = \n")).starts_with("line 2: "));
    assert!(message(parse_json("{\"a\": 1,\n \"b\": }")).starts_with("line 2: expected value"));
    assert!(message(parse_json("{} x")).starts_with("line 1: more text"));
}

#[test]
fn budgets_hold() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert!(parse_yaml(&bomb).is_err());
    assert!(parse_yaml(&"[".repeat(30_000)).is_err());
    assert!(parse_yaml(&"- ".repeat(20_000)).is_err());
    assert!(parse_yaml(&"? ".repeat(20_000)).is_err());
    assert!(parse_yaml(&"- x\n".repeat(MAX_NODES)).is_err());
    assert!(parse_toml(&format!("a = {}", "[".repeat(30_000))).is_err());
    assert!(parse_toml(&format!("{}a = 1", "a.".repeat(30_000))).is_err());
    assert!(parse_toml(&format!("[{}a]", "a.".repeat(30_000))).is_err());
    assert!(parse_toml(&format!("x = {{ {}a = 1 }}", "a.".repeat(30_000))).is_err());
    assert!(parse_toml(&format!("x = {}1{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1))).is_err());
    assert!(parse_json(&"[".repeat(30_000)).is_err());
    assert!(parse_json(&format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1))).is_err());
}

#[test]
fn a_key_is_found_in_the_text() {
    let text = "title: a\n  date: x\nDate: y\n\"quoted\": 1\n[build]\n";
    assert_eq!(position_of(text, "date").line, 3);
    assert_eq!(position_of(text, "quoted").line, 4);
    assert_eq!(position_of(text, "build").line, 5);
    assert_eq!(position_of(text, "dat").line, 1);
    assert_eq!(position_of("{\n  \"draft\": 7\n}", "draft"), Position { line: 2, column: 4 });
}

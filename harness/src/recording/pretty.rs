use serde_json::Value;

/// What is shorter stands on one line.
const WIDTH: usize = 120;

/// JSON in which a span takes one line, however long: so two recordings can be compared.
pub(super) fn print(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let compact = value.to_string();
    let is_span = value.get("spanId").is_some();
    if is_span || depth + compact.len() <= WIDTH {
        return text.push_str(&compact);
    }
    match value {
        Value::Array(values) => {
            let values = values.iter().map(|value| (String::new(), value));
            lines(values, ['[', ']'], depth, text);
        }
        Value::Object(entries) => {
            let key = |key: &String| format!("{}: ", Value::from(key.as_str()));
            let entries = entries.iter().map(|(name, value)| (key(name), value));
            lines(entries, ['{', '}'], depth, text);
        }
        _ => text.push_str(&compact),
    }
}

fn lines<'a>(
    entries: impl Iterator<Item = (String, &'a Value)>,
    [open, close]: [char; 2],
    depth: usize,
    text: &mut String,
) {
    text.push(open);
    for (n, (key, value)) in entries.enumerate() {
        text.push_str(if n == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(depth + 1));
        text.push_str(&key);
        write(value, depth + 1, text);
    }
    text.push('\n');
    text.push_str(&" ".repeat(depth));
    text.push(close);
}

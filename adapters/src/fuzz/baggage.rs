use std::sync::LazyLock;

use bolero::check;
use regex::Regex;

use super::{slices, values};
use crate::w3c::{BaggageError, parse_baggage};

const SEEDS: &[&str] = &[
    "userId=alice,serverNode=DF%2028,isProduction=false",
    "key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
    "a=%C3%A4%F0%9F%98%80,b=c==d,!#$%&'*+-.^_`|~=\t!()/:<>?@[]{}",
    "k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v,k=v",
];

/// `baggage-string` of W3C Baggage, §3.2, the percent signs of values included.
static LIST: LazyLock<Regex> = LazyLock::new(|| {
    let token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
    let octet = r"[!#-+\--:<-\[\]-~]";
    let value = r"(?:%[0-9A-Fa-f]{2}|[!#$&-+\--:<-\[\]-~])*";
    let property = format!(r"[ \t]*{token}[ \t]*(?:=[ \t]*{octet}*[ \t]*)?");
    let member = format!(r"[ \t]*{token}[ \t]*=[ \t]*{value}[ \t]*(?:;{property})*");
    let list = format!(r"\A(?:{member}(?:,{member})*|[ \t]*)\z");
    Regex::new(&list).expect("a grammar")
});

#[test]
fn baggage() {
    let inputs = values(SEEDS, b"a=,;% \t4\"\\", 0..4);
    check!().with_generator(inputs).for_each(|values| {
        let read = parse_baggage(slices(values));
        let bytes = values.iter().map(Vec::len).sum::<usize>();
        let members = match &read {
            Err(BaggageError::TooLong(_)) => {
                assert!(bytes + values.len() > 8192);
                return;
            }
            Err(BaggageError::TooMany(members)) => *members,
            Err(_) => 0,
            Ok(members) => members.len(),
        };
        let of_the_grammar =
            |value: &Vec<u8>| str::from_utf8(value).is_ok_and(|value| LIST.is_match(value));
        let is_list = values.iter().all(of_the_grammar);
        let is_read = matches!(read, Ok(_) | Err(BaggageError::TooMany(_)));
        assert_eq!(is_read, is_list, "{read:?}");
        assert_eq!(members > 64, matches!(read, Err(BaggageError::TooMany(_))));
        let Ok(read) = read else { return };
        assert!(bytes <= 8192);
        let rendered: Vec<_> = read.iter().map(ToString::to_string).collect();
        match parse_baggage([rendered.join(",").as_bytes()]) {
            Ok(again) => assert_eq!(again, read),
            // One byte that is no text is read as three, and written as nine.
            Err(again) => assert!(matches!(again, BaggageError::TooLong(_)), "{again:?}"),
        }
    });
}

use super::*;

#[test]
fn a_span_is_named_as_the_conventions_say() {
    for (query, sent, received) in [
        ("exchange=e&key=k&queue=q", "send e:k", "process e:k:q"),
        ("exchange=e&key=k&queue=k", "send e:k", "process e:k"),
        ("exchange=e&queue=q", "send e", "process e:q"),
        ("key=k", "send k", "process k"),
    ] {
        let address = format!("amqp://b/%2F?{query}");
        let address = Address::parse(&address).expect("valid");
        let name = |side| Amqp::default().semantics(&address, side).name;
        assert_eq!(name(Side::Cause), sent);
        assert_eq!(name(Side::Consequence), received);
    }
}

use std::sync::LazyLock;

use bolero::check;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceState;
use regex::Regex;

use super::{slices, values};
use crate::Carrier;
use crate::w3c::{Propagator, TRACEPARENT, TRACESTATE, parse_tracestate};

const SEEDS: &[&str] = &[
    "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
    "a=1 ,\tb=2,,fw529a3039@dt=FfAAAADNBQ,a-_*/@0=!~ x",
    "k0=v,k1=v,k2=v,k3=v,k4=v,k5=v,k6=v,k7=v,k8=v,k9=v,l0=v,l1=v,l2=v,l3=v,l4=v,l5=v,\
     l6=v,l7=v,l8=v,l9=v,m0=v,m1=v,m2=v,m3=v,m4=v,m5=v,m6=v,m7=v,m8=v,m9=v,n0=v,n1=v",
    "longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglong=valuevaluevaluevalue",
];

/// A member in the grammar of level 2, §3.3.1.
static MEMBER: LazyLock<Regex> = LazyLock::new(|| {
    let grammar = r"\A[a-z0-9][a-z0-9_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]\z";
    Regex::new(grammar).expect("a grammar")
});

#[test]
fn tracestate() {
    let inputs = values(SEEDS, b"a0=,@ \t;Z*", 0..4);
    check!().with_generator(inputs).for_each(|values| {
        let read = parse_tracestate(slices(values));
        assert_eq!(
            read.as_ref().ok(),
            by_the_grammar(values).as_ref(),
            "{read:?}"
        );
        let Ok(read) = read else { return };
        let rendered: Vec<_> = read
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let rendered = rendered.join(",");
        assert_eq!(parse_tracestate([rendered.as_bytes()]), Ok(read.clone()));
        assert!(read.len() <= 32 && rendered.len() < 32 * (256 + 1 + 256 + 1));
        let kept = through_our_propagator(&rendered);
        let held = read
            .iter()
            .filter(|member| TraceState::from_key_value([**member]).is_ok());
        let held: Vec<_> = held.map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(kept.unwrap_or_default(), held.join(","));
    });
}

/// All members, if every one of them is right.
fn by_the_grammar(values: &[Vec<u8>]) -> Option<Vec<(&str, &str)>> {
    let mut members: Vec<(&str, &str)> = Vec::new();
    for value in slices(values) {
        let list = str::from_utf8(value).ok()?.split(',');
        let list = list.map(|member| member.trim_matches([' ', '\t']));
        for member in list.filter(|member| !member.is_empty()) {
            let (key, value) = MEMBER.find(member)?.as_str().split_once('=')?;
            let is_new = members.iter().all(|(found, _)| *found != key);
            members.push(is_new.then_some((key, value))?);
        }
    }
    (members.len() <= 32).then_some(members)
}

/// What a service sends on; the SDK's own type stands in between.
fn through_our_propagator(tracestate: &str) -> Option<String> {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let carrier = [(TRACEPARENT, parent), (TRACESTATE, tracestate)];
    let carrier = carrier.map(|(name, value)| (name, value.to_owned()));
    let carrier: Carrier = carrier.into_iter().collect();
    let mut sent = Carrier::new();
    Propagator.inject_context(&Propagator.extract(&carrier), &mut sent);
    let state = sent.all(TRACESTATE).next()?;
    Some(String::from_utf8_lossy(state).into_owned())
}

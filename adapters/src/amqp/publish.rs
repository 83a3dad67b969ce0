use futures::future::try_join_all;
use lapin::options::BasicPublishOptions;
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Confirmation, Error};

use super::place::Place;
use crate::Message;

/// Publishes in order, and waits for the broker's word on each.
pub(super) async fn all(
    channel: &Channel,
    place: &Place,
    messages: impl Iterator<Item = (FieldTable, &Message)>,
) -> Result<Vec<Confirmation>, Error> {
    let mut waiting = Vec::new();
    for (headers, message) in messages {
        let properties = BasicProperties::default()
            .with_content_type("application/json".into())
            .with_headers(headers);
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let (exchange, key) = (place.exchange.clone(), place.key.clone());
        let sent = channel.basic_publish(exchange, key, options, &message.body, properties);
        waiting.push(sent.await?);
    }
    try_join_all(waiting).await
}

/// Whether a message was taken; the error says why it was not.
pub(super) fn taken(confirmation: Confirmation) -> Result<(), String> {
    match confirmation {
        Confirmation::Ack(None) | Confirmation::NotRequested => Ok(()),
        Confirmation::Nack(None) => Err("not acknowledged".to_owned()),
        Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
            let (code, text) = (returned.reply_code, &returned.reply_text);
            Err(format!("{code} {text}"))
        }
    }
}

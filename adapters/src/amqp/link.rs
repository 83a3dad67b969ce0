use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lapin::options::ConfirmSelectOptions;
use lapin::uri::AMQPUri;
use lapin::{Channel, Connection, ConnectionProperties, Error, ErrorKind};

use super::DESCRIPTOR;
use super::place::broker_of;
use crate::{Address, BoundaryError};

/// How long a broker may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// A broker that says nothing for twice as many seconds is gone. Its own proposal is a minute.
const HEARTBEAT_S: u16 = 10;

/// Host, port and virtual host.
type Broker = (String, u16, String);

/// The connections of this process, one for each broker and virtual host.
#[derive(Default)]
pub(super) struct Links {
    by_broker: Mutex<HashMap<Broker, Slot>>,
}

/// Whoever comes while a connection is being made waits here for it.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<Link>>>>;

/// A connection, and the channels on it that can be used again.
pub(super) struct Link {
    connection: Connection,
    idle: Mutex<Vec<Channel>>,
}

impl Links {
    /// The connection to the broker of this address: the one there is, or a new one if there is
    /// none or it has broken.
    pub(super) async fn to(&self, address: &Address) -> Result<Arc<Link>, BoundaryError> {
        let uri = broker_of(address)?;
        let slot = self.slot(&uri);
        let mut slot = slot.lock().await;
        if let Some(link) = slot.as_ref().filter(|link| link.is_up()) {
            return Ok(Arc::clone(link));
        }
        let link = Arc::new(Link::connect(uri, address).await?);
        *slot = Some(Arc::clone(&link));
        Ok(link)
    }

    fn slot(&self, uri: &AMQPUri) -> Slot {
        let (authority, vhost) = (&uri.authority, &uri.vhost);
        let broker = (authority.host.clone(), authority.port, vhost.clone());
        let mut slots = self
            .by_broker
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(broker).or_default())
    }
}

impl Link {
    async fn connect(mut uri: AMQPUri, address: &Address) -> Result<Self, BoundaryError> {
        // The names are those of the broker's own image. Addresses end up in spans and reports.
        let guest = |name| env::var(name).unwrap_or_else(|_| "guest".to_owned());
        uri.authority.userinfo.username = guest("RABBITMQ_DEFAULT_USER");
        uri.authority.userinfo.password = guest("RABBITMQ_DEFAULT_PASS");
        uri.query.heartbeat.get_or_insert(HEARTBEAT_S);
        let name = ConnectionProperties::default().with_connection_name("unbroken".into());
        let connecting = Connection::connect_uri(uri, name);
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        let connected = connected.map_err(|_| {
            let reason = format!("no connection within {PATIENCE:?}");
            unreachable_broker(address, reason)
        })?;
        Ok(Self {
            connection: connected.map_err(|error| failed(address, &error))?,
            idle: Mutex::default(),
        })
    }

    /// A channel for one receiver.
    pub(super) async fn channel(&self, address: &Address) -> Result<Channel, BoundaryError> {
        let opened = self.connection.create_channel().await;
        opened.map_err(|error| failed(address, &error))
    }

    /// A channel for one act, on which messages are confirmed. Nobody else has it meanwhile: the
    /// broker closes a channel over the first mistake on it, and lapin gives a returned message to
    /// whichever sender of the channel is confirmed next. To be given back with
    /// [`Self::put_back`] if all went well.
    pub(super) async fn borrow(&self, address: &Address) -> Result<Channel, BoundaryError> {
        while let Some(channel) = self.take_idle() {
            if channel.status().connected() {
                return Ok(channel);
            }
        }
        let channel = self.channel(address).await?;
        let confirming = channel.confirm_select(ConfirmSelectOptions::default());
        let confirming = confirming.await;
        confirming.map_err(|error| failed(address, &error))?;
        Ok(channel)
    }

    /// For the next one to borrow.
    pub(super) fn put_back(&self, channel: Channel) {
        self.idle().push(channel);
    }

    fn take_idle(&self) -> Option<Channel> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_up(&self) -> bool {
        self.connection.status().connected()
    }
}

/// What lapin's error means: the broker closes a channel over what it was asked, and a connection
/// over anything else.
pub(super) fn failed(address: &Address, error: &Error) -> BoundaryError {
    let is_refusal =
        error.is_amqp_soft_error() || matches!(error.kind(), ErrorKind::SerialisationError(_));
    if is_refusal {
        return refused(address, error.to_string());
    }
    unreachable_broker(address, error.to_string())
}

pub(super) fn refused(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Refused {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}

pub(super) fn unreachable_broker(address: &Address, reason: String) -> BoundaryError {
    BoundaryError::Unreachable {
        boundary: DESCRIPTOR.name,
        address: address.clone(),
        reason,
    }
}

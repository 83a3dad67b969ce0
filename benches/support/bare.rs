//! The client libraries as anybody would use them who has never heard of Unbroken: they show that
//! a boundary alone adds nothing to a crossing.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use unbroken_adapters::Boundary;

use crate::crossing::{BODY, LOCAL, Way, fresh};

/// reqwest to hyper.
pub(crate) struct BareHttp {
    client: reqwest::Client,
    url: String,
    server: JoinHandle<()>,
}

impl BareHttp {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((LOCAL, 0)).await.expect("a free port");
        let local = listener.local_addr().expect("bound");
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let service = service_fn(|request: Request<Incoming>| async {
                    let _ = request.into_body().collect().await;
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                });
                let server = hyper::server::conn::http1::Builder::new();
                tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            client: reqwest::Client::new(),
            url: format!("http://{local}/bare"),
            server,
        }
    }
}

impl Drop for BareHttp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Way for BareHttp {
    fn cross(&mut self) -> BoxFuture<'_, ()> {
        async {
            let request = self.client.post(&self.url).body(BODY);
            let response = request.send().await.expect("an answer");
            response.bytes().await.expect("its end");
        }
        .boxed()
    }
}

/// One producer and one consumer of librdkafka.
pub(crate) struct BareKafka {
    producer: FutureProducer,
    consumer: StreamConsumer,
    topic: String,
}

impl BareKafka {
    pub(crate) async fn start(kafka: &dyn Boundary, endpoint: &str) -> Self {
        let address = fresh(kafka, endpoint);
        kafka.declare(&address).await.expect("declared");
        let topic = address.path().trim_start_matches('/').to_owned();
        let config = || {
            let mut config = ClientConfig::new();
            config
                .set("bootstrap.servers", endpoint)
                .set("socket.nagle.disable", "true");
            config
        };
        let producer = config().set("linger.ms", "0").create();
        let consumer = config().set("group.id", "bare").create();
        let consumer: StreamConsumer = consumer.expect("a consumer");
        let mut assigned = TopicPartitionList::new();
        let begin = assigned.add_partition_offset(&topic, 0, Offset::Offset(0));
        begin.expect("an offset");
        consumer.assign(&assigned).expect("assigned");
        Self {
            producer: producer.expect("a producer"),
            consumer,
            topic,
        }
    }
}

impl Way for BareKafka {
    fn cross(&mut self) -> BoxFuture<'_, ()> {
        async {
            let record = FutureRecord::<str, [u8]>::to(&self.topic).payload(BODY);
            let sent = self.producer.send(record, Duration::from_secs(5)).await;
            sent.expect("sent");
            self.consumer.recv().await.expect("received");
        }
        .boxed()
    }
}

//! tonic, as published: calls with one answer and with a stream of them, many at once over one connection, an
//! error, and a graceful end. The messages are written by hand, so that nothing has to be generated.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{NamedService, ServerStreamingService, UnaryService};
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;

const CALLS: u64 = 200;

#[derive(Clone, PartialEq, prost::Message)]
struct Number {
    #[prost(uint64, tag = "1")]
    value: u64,
}

/// Doubles a number, or counts to it.
#[derive(Clone)]
struct Sums;

impl UnaryService<Number> for Sums {
    type Response = Number;
    type Future = BoxFuture<Response<Number>, Status>;

    fn call(&mut self, request: Request<Number>) -> Self::Future {
        Box::pin(async move {
            let value = request.into_inner().value;
            if value == u64::MAX {
                return Err(Status::out_of_range("too large to be doubled"));
            }
            tokio::time::sleep(Duration::from_millis(value % 5)).await;
            Ok(Response::new(Number { value: 2 * value }))
        })
    }
}

impl ServerStreamingService<Number> for Sums {
    type Response = Number;
    type ResponseStream = ReceiverStream<Result<Number, Status>>;
    type Future = Ready<Result<Response<Self::ResponseStream>, Status>>;

    fn call(&mut self, request: Request<Number>) -> Self::Future {
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            for value in 0..request.into_inner().value {
                if sender.send(Ok(Number { value })).await.is_err() {
                    return;
                }
            }
        });
        ready(Ok(Response::new(ReceiverStream::new(receiver))))
    }
}

impl NamedService for Sums {
    const NAME: &'static str = "sums.Sums";
}

/// What is generated as a rule: which path is which call.
impl Service<http::Request<Body>> for Sums {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<Number, Number>::default());
            Ok(match request.uri().path() {
                "/sums.Sums/Double" => grpc.unary(Sums, request).await,
                "/sums.Sums/Count" => grpc.server_streaming(Sums, request).await,
                _ => Status::unimplemented("no such call").into_http(),
            })
        })
    }
}

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = Server::builder()
        .add_service(Sums)
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), async { stopped.await.unwrap() });
    let server = tokio::spawn(serving);
    let channel = endpoint.connect().await.unwrap();

    let calls: Vec<_> = (0..CALLS).map(|value| tokio::spawn(double(channel.clone(), value))).collect();
    for (call, value) in calls.into_iter().zip(0..) {
        assert_eq!(call.await.unwrap().unwrap(), 2 * value);
    }
    assert_eq!(double(channel.clone(), u64::MAX).await.unwrap_err().code(), Code::OutOfRange);

    let mut grpc = Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let count = PathAndQuery::from_static("/sums.Sums/Count");
    let request = Request::new(Number { value: 1_000 });
    let codec = ProstCodec::<Number, Number>::default();
    let mut numbers = grpc.server_streaming(request, count, codec).await.unwrap().into_inner();
    let mut seen = 0;
    while let Some(number) = numbers.next().await {
        assert_eq!(number.unwrap().value, seen);
        seen += 1;
    }
    assert_eq!(seen, 1_000);

    drop((grpc, numbers, channel));
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
    println!("OK: {CALLS} calls at once, {seen} numbers streamed, an error, a graceful end");
}

async fn double(channel: Channel, value: u64) -> Result<u64, Status> {
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_static("/sums.Sums/Double");
    let codec = ProstCodec::<Number, Number>::default();
    let response = grpc.unary(Request::new(Number { value }), path, codec).await?;
    Ok(response.into_inner().value)
}

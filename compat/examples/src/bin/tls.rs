//! TLS by tokio-rustls over our sockets, with a certificate made on the spot.
#![forbid(unsafe_code)]

use std::error::Error;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const CLIENTS: usize = 20;

/// More than one record of TLS, and more than a socket's buffer takes.
const BODY: usize = 1 << 20;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let (server, trusting, trusting_nobody) = configs()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(serve(listener, TlsAcceptor::from(server)));

    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let connector = TlsConnector::from(trusting.clone());
            tokio::spawn(async move {
                let body = vec![number as u8; BODY];
                let socket = TcpStream::connect(address).await?;
                let stream = connector.connect(ServerName::try_from("localhost")?, socket).await?;
                let (mut reader, mut writer) = tokio::io::split(stream);
                let mut echo = Vec::new();
                // Both ways at once: neither side could hold all of it.
                tokio::try_join!(reader.read_to_end(&mut echo), async {
                    writer.write_all(&body).await?;
                    writer.shutdown().await
                })?;
                assert!(echo == body, "client {number} got other bytes back");
                Outcome::Ok(())
            })
        })
        .collect();
    for client in clients {
        client.await??;
    }

    let stranger = TlsConnector::from(trusting_nobody);
    let refused =
        stranger.connect(ServerName::try_from("localhost")?, TcpStream::connect(address).await?).await;
    let error = refused.err().ok_or("a certificate that nobody vouches for was taken")?;
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");

    let (served, failed) = serving.await??;
    assert_eq!((served, failed), (CLIENTS, 1));
    println!("OK");
    Ok(())
}

/// Sends back what comes, on as many connections as will be made. Gives how many went well, and how many didn't.
async fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> Outcome<(usize, usize)> {
    let mut connections = Vec::new();
    for _ in 0..=CLIENTS {
        let (socket, _peer) = listener.accept().await?;
        let acceptor = acceptor.clone();
        connections.push(tokio::spawn(async move {
            let stream = acceptor.accept(socket).await?;
            let (mut reader, mut writer) = tokio::io::split(stream);
            tokio::io::copy(&mut reader, &mut writer).await?;
            writer.shutdown().await
        }));
    }
    let mut counts = (0, 0);
    for connection in connections {
        match connection.await? {
            Ok(()) => counts.0 += 1,
            Err(_refused) => counts.1 += 1,
        }
    }
    Ok(counts)
}

fn configs() -> Outcome<(Arc<ServerConfig>, Arc<ClientConfig>, Arc<ClientConfig>)> {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let certificate = certified.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())?;
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let client = |roots| ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok((Arc::new(server), Arc::new(client(roots)), Arc::new(client(RootCertStore::empty()))))
}

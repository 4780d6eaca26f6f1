//! TXT records, asked of the system's name server or of one that the settings name. `simple-dns` reads and writes the
//! messages; a whole resolver as a library would switch on features that have every library below it compiled anew.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures::future::BoxFuture;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE, rdata::RData};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// The texts at a name; none where there is no such name.
pub type TextLookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<String>>> + Send + Sync>;

/// A name server that does not answer within this is asked once more, or the next one is.
const PATIENCE: Duration = Duration::from_secs(3);
const TRIES: usize = 2;
/// Of an answer by UDP, in bytes; longer ones come by TCP.
const LONGEST: usize = 4096;
const PORT: u16 = 53;

/// Asks `server`, or else those of the system.
#[must_use]
pub fn text_lookup(server: Option<SocketAddr>) -> TextLookup {
    Arc::new(move |name| Box::pin(async move { texts(&name, server).await }))
}

async fn texts(name: &str, server: Option<SocketAddr>) -> io::Result<Vec<String>> {
    let servers = match server {
        Some(server) => vec![server],
        None => of_the_system(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default()),
    };
    let mut failure = io::Error::from(io::ErrorKind::NotFound);
    for _ in 0..TRIES {
        for server in &servers {
            match timeout(PATIENCE, ask(name, *server)).await {
                Ok(Ok(texts)) => return Ok(texts),
                Ok(Err(error)) => failure = error,
                Err(late) => failure = late.into(),
            }
        }
    }
    Err(failure)
}

/// The name servers in a `resolv.conf`; the machine's own where it names none.
fn of_the_system(resolv_conf: &str) -> Vec<SocketAddr> {
    let named = resolv_conf.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let addresses = named.filter_map(|rest| rest.split_whitespace().next()?.parse::<IpAddr>().ok());
    let mut servers: Vec<_> = addresses.map(|address| SocketAddr::new(address, PORT)).collect();
    if servers.is_empty() {
        servers.push((Ipv4Addr::LOCALHOST, PORT).into());
    }
    servers
}

/// The question's id and the port are random, and only the server that was asked is heard (RFC 5452).
async fn ask(name: &str, server: SocketAddr) -> io::Result<Vec<String>> {
    let id: u16 = rand::random();
    let mut query = Packet::new_query(id);
    query.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(io::Error::other)?;
    query.questions.push(Question::new(name.clone(), TYPE::TXT.into(), CLASS::IN.into(), false));
    let query = query.build_bytes_vec().map_err(io::Error::other)?;

    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(&query).await?;
    let mut answer = vec![0; LONGEST];
    loop {
        let length = socket.recv(&mut answer).await?;
        let Ok(packet) = Packet::parse(&answer[..length]) else { continue };
        if !answers(&packet, id, &name) {
            continue;
        }
        if packet.has_flags(PacketFlag::TRUNCATION) {
            break;
        }
        return read(&packet);
    }
    let answer = by_tcp(server, &query).await?;
    let packet = Packet::parse(&answer).map_err(io::Error::other)?;
    if answers(&packet, id, &name) { read(&packet) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// Each message follows its length (RFC 1035, 4.2.2).
async fn by_tcp(server: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u16(u16::try_from(query.len()).map_err(io::Error::other)?).await?;
    stream.write_all(query).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

fn answers(packet: &Packet<'_>, id: u16, name: &Name<'_>) -> bool {
    let same = |asked: &Question<'_>| asked.qname.to_string().eq_ignore_ascii_case(&name.to_string());
    packet.id() == id && packet.has_flags(PacketFlag::RESPONSE) && packet.questions.first().is_some_and(same)
}

fn read(packet: &Packet<'_>) -> io::Result<Vec<String>> {
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Ok(Vec::new()),
        refusal => return Err(io::Error::other(format!("the name server says {refusal:?}"))),
    }
    let texts = packet.answers.iter().filter_map(|record| match &record.rdata {
        RData::TXT(text) => String::try_from(text.clone()).ok(),
        _ => None,
    });
    Ok(texts.collect())
}

#[cfg(test)]
mod tests {
    use simple_dns::{ResourceRecord, rdata::TXT};
    use tokio::net::TcpListener;

    use super::*;

    /// What a name server says of `_pixora.photos.example`; nothing at all of another name.
    fn reply(query: &[u8], texts: &[&str], truncated: bool) -> Vec<u8> {
        let query = Packet::parse(query).expect("a question");
        let mut reply = Packet::new_reply(query.id());
        reply.questions = query.questions.clone();
        let name = query.questions[0].qname.clone();
        if name.to_string() == "_pixora.photos.example" {
            for text in texts {
                let text = RData::TXT(TXT::new().with_string(text).expect("short"));
                reply.answers.push(ResourceRecord::new(name.clone(), CLASS::IN, 60, text));
            }
        } else {
            *reply.rcode_mut() = RCODE::NameError;
        }
        if truncated {
            reply.answers.clear();
            reply.set_flags(PacketFlag::TRUNCATION);
        }
        reply.build_bytes_vec().expect("can be written")
    }

    /// A name server on this machine that answers by UDP, and by TCP where the answer is long.
    async fn server(is_long: bool) -> SocketAddr {
        let texts = ["v=spf1 -all", "pixora=secret"];
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
        let address = udp.local_addr().expect("bound");
        let tcp = TcpListener::bind(address).await.expect("the same port");
        tokio::spawn(async move {
            let mut query = [0; 512];
            loop {
                let (length, from) = udp.recv_from(&mut query).await.expect("a question");
                // Somebody else's answer, which nobody asked for.
                let mut forged = reply(&query[..length], &["pixora=forged"], false);
                forged[0] ^= 1;
                udp.send_to(&forged, from).await.expect("sent");
                let reply = reply(&query[..length], &texts, is_long);
                udp.send_to(&reply, from).await.expect("sent");
            }
        });
        tokio::spawn(async move {
            let (mut stream, _) = tcp.accept().await.expect("a client");
            let mut query = vec![0; stream.read_u16().await.expect("a length").into()];
            stream.read_exact(&mut query).await.expect("a question");
            let reply = reply(&query, &texts, false);
            stream.write_u16(u16::try_from(reply.len()).expect("short")).await.expect("sent");
            stream.write_all(&reply).await.expect("sent");
        });
        address
    }

    #[tokio::test]
    async fn texts_are_read_by_udp_and_by_tcp_and_a_forged_answer_is_not() {
        for is_long in [false, true] {
            let lookup = text_lookup(Some(server(is_long).await));
            let texts = lookup("_pixora.photos.example".into()).await.expect("an answer");
            assert_eq!(texts, ["v=spf1 -all", "pixora=secret"], "long: {is_long}");
            if !is_long {
                let none = lookup("_pixora.other.example".into()).await.expect("an answer");
                assert!(none.is_empty(), "{none:?}");
            }
        }
    }

    #[test]
    fn name_servers_are_those_of_the_system() {
        let file = "# a comment\nsearch example\nnameserver 192.0.2.1\nnameserver  2001:db8::1 # second\n";
        let servers: Vec<String> = of_the_system(file).iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["192.0.2.1:53", "[2001:db8::1]:53"]);
        assert_eq!(of_the_system("").len(), 1);
    }
}

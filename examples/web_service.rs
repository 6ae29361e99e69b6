//! A web service under load, profiled: `cargo run --release --example web_service`
//!
//! An axum server on the loopback interface answers from SQLite, while clients in the same process
//! send it requests over sockets. Async functions show how long they were busy and how long they
//! waited; SQLite blocks its thread, so queries run on tokio's threads for blocking work.
#![expect(clippy::print_stdout, reason = "examples print")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::{fmt, io};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Html;
use axum::routing::get;
use perprovis::{FunctionStats, HumanTime, ProfileFuture, Report, profile, profile_block};
use rusqlite::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{self, JoinSet};

const CLIENTS: u32 = 8;
const REQUESTS_PER_CLIENT: u32 = 25;
const USERS: u32 = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = Arc::new(Mutex::new(open_database()?));
    let service = Router::new().route("/users/{id}/orders", get(orders)).with_state(database);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;

    let answers = tokio::select! {
        served = axum::serve(listener, service) => return Ok(served?),
        answers = send_requests(address) => answers?,
    };
    for (status, count) in answers {
        println!("{count:>4} answers {status}");
    }
    println!();
    print_profile(&perprovis::global().report());
    Ok(())
}

// ---- The service ----------------------------------------------------------------------------

type Database = Arc<Mutex<Connection>>;
type Failure = (StatusCode, String);

struct Order {
    item: String,
    cents: i64,
}

#[profile(metadata(user))]
async fn orders(
    State(database): State<Database>,
    Path(user): Path<u32>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    profile_block!("authentication", { authenticate(user, &headers)? });

    let query = async move {
        task::spawn_blocking(move || query_orders(&database, user))
            .await
            .map_err(internal_error)?
            .map_err(internal_error)
    };
    let orders = query.profiled("database_query").await?;

    Ok(profile_block!("template_rendering", rows = orders.len(), { render(user, &orders) }))
}

fn authenticate(user: u32, headers: &HeaderMap) -> Result<(), Failure> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given == Some(&token(user)) {
        Ok(())
    } else {
        Err((StatusCode::UNAUTHORIZED, "this is not your account".to_owned()))
    }
}

/// Called on a thread that may block.
#[profile]
fn query_orders(database: &Mutex<Connection>, user: u32) -> rusqlite::Result<Vec<Order>> {
    let connection =
        profile_block!("wait_for_connection", { database.lock().expect("no query panics") });
    let _scope = profile_block!("sqlite");
    let mut query = connection
        .prepare_cached("SELECT item, cents FROM orders WHERE user = ?1 ORDER BY cents DESC")?;
    let orders =
        query.query_map([user], |row| Ok(Order { item: row.get(0)?, cents: row.get(1)? }))?;
    orders.collect()
}

fn render(user: u32, orders: &[Order]) -> Html<String> {
    let mut page = format!("<h1>Orders of user {user}</h1>\n<table>\n");
    for Order { item, cents } in orders {
        let (euros, cents) = (cents / 100, cents % 100);
        let row = writeln!(page, "<tr><td>{item}<td>{euros}.{cents:02}");
        row.expect("a string takes every text");
    }
    page.push_str("</table>\n");
    Html(page)
}

fn internal_error(error: impl fmt::Display) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

/// A stand-in for a real token: takes its time as that would, but protects nothing.
fn token(user: u32) -> String {
    let mut hasher = DefaultHasher::new();
    (0..10_000).for_each(|round| (user, round).hash(&mut hasher));
    format!("Bearer {:016x}", hasher.finish())
}

/// A database in memory; every tenth user has ordered a lot.
fn open_database() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.execute_batch(
        "CREATE TABLE orders (user INTEGER NOT NULL, item TEXT NOT NULL, cents INTEGER NOT NULL);
         CREATE INDEX orders_by_user ON orders (user);",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert = transaction.prepare("INSERT INTO orders VALUES (?1, ?2, ?3)")?;
        for user in 0..USERS {
            for order in 0..if user % 10 == 0 { 5_000 } else { 100 } {
                insert.execute((user, format!("item {order}"), (order * 7_919) % 10_000))?;
            }
        }
    }
    transaction.commit()?;
    Ok(connection)
}

// ---- The clients ----------------------------------------------------------------------------

/// Sends all requests, from all clients at once; gives how often which status came back.
async fn send_requests(address: SocketAddr) -> io::Result<BTreeMap<String, usize>> {
    let clients: JoinSet<io::Result<Vec<String>>> =
        (0..CLIENTS).map(|client| send_requests_of(client, address)).collect();
    let mut statuses = BTreeMap::new();
    for answers in clients.join_all().await {
        for status in answers? {
            *statuses.entry(status).or_default() += 1;
        }
    }
    Ok(statuses)
}

async fn send_requests_of(client: u32, address: SocketAddr) -> io::Result<Vec<String>> {
    let mut statuses = Vec::new();
    for request in 0..REQUESTS_PER_CLIENT {
        let user = (client * REQUESTS_PER_CLIENT + request) % USERS;
        // Now and then somebody asks for what is not theirs.
        let token = token(if request == 13 { USERS } else { user });
        statuses.push(send_request(address, user, &token).await?);
    }
    Ok(statuses)
}

/// As plain as HTTP gets: one request, one connection. Gives the status.
async fn send_request(address: SocketAddr, user: u32, token: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /users/{user}/orders HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.lines().next().and_then(|line| line.split_once(' '));
    status.map(|(_, status)| status.to_owned()).ok_or(io::ErrorKind::InvalidData.into())
}

// ---- What is printed ------------------------------------------------------------------------

fn print_profile(report: &Report) {
    println!("{report}");

    println!("\nasync functions            calls  polls       busy       idle  idle part");
    println!("────────────────────────────────────────────────────────────────────────");
    for function in report.functions().iter().filter(|function| function.polls > 0) {
        println!(
            "{:<25} {:>6} {:>6} {:>10} {:>10} {:>9.1}%",
            report.short_name(&function.name),
            function.call_count,
            function.polls,
            HumanTime::from(function.busy_time),
            HumanTime::from(function.idle_time),
            100.0 * function.idle_time.div_duration_f64(function.total_time),
        );
    }

    println!("\nslowest requests");
    println!("────────────────────────────────────────────────────────────────────────");
    let slowest = report.function("orders").map_or(&[][..], FunctionStats::slowest_calls);
    for call in slowest.iter().take(5) {
        println!("{:>10}  {}", HumanTime::from(call.duration), call.metadata);
    }

    println!();
    print!("{}", report.flame_graph_text(100));
}

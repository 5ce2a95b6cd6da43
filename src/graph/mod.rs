//! The engine: how resolvers read the graph. Names no table.

pub mod as_of;
pub mod batch;
pub mod condition;
pub mod connection;
pub mod counts;
pub mod error;
pub mod filter;
pub mod id;
pub mod keyset;
pub mod node;
pub mod order;
pub mod page;
pub mod read;
pub mod registry;
pub mod request;
pub mod show;
pub mod snapshot;
pub mod table;
pub mod view;
pub mod wave;

pub use as_of::{AsOf, Day, When};
pub use batch::Edge;
pub use connection::Connection;
pub use error::{BadInput, Error, Result};
pub use id::GlobalId;
pub use node::{Listed, Node};
pub use page::List;
pub use request::Graph;
pub use show::{Many, Nullable, Shown};
pub use table::ID;
pub use view::{GraphContext, View};

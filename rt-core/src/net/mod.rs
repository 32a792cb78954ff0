//! TCP sockets and name resolution.

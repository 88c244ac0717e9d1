//! mlagsync: two switches of an M-LAG pair, one host table.

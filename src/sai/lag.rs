//! LAGs and their members.

use super::attr::{List, lag, lag_member};
use super::error::Error;
use super::id::{self, Oid};
use super::object;
use super::switch::Switch;
use super::table::{Method, method};
use sai_sys::{sai_lag_api_t, sai_object_type_t};

const CREATE: Method<sai_lag_api_t, object::Create> = method!(sai_lag_api_t, create_lag);
const REMOVE: Method<sai_lag_api_t, object::Remove> = method!(sai_lag_api_t, remove_lag);
const GET: Method<sai_lag_api_t, object::Get> = method!(sai_lag_api_t, get_lag_attribute);
const CREATE_MEMBER: Method<sai_lag_api_t, object::Create> = method!(sai_lag_api_t, create_lag_member);
const GET_MEMBER: Method<sai_lag_api_t, object::Get> = method!(sai_lag_api_t, get_lag_member_attribute);

impl Switch {
    /// Creates a LAG without members.
    pub fn create_lag(&self) -> Result<Oid<id::Lag>, Error> {
        self.library().create(&CREATE, self.id(), &List::new())
    }

    /// Removes a LAG.
    pub fn remove_lag(&self, lag: Oid<id::Lag>) -> Result<(), Error> {
        self.library().remove(&REMOVE, lag)
    }

    /// All LAGs, where the library can list objects.
    pub fn lags(&self) -> Result<Vec<Oid<id::Lag>>, Error> {
        self.library().ids(self.id(), sai_object_type_t::SAI_OBJECT_TYPE_LAG)
    }

    /// Puts a port into a LAG.
    pub fn create_lag_member(
        &self,
        lag: Oid<id::Lag>,
        port: Oid<id::Port>,
    ) -> Result<Oid<id::LagMember>, Error> {
        let list = List::new().with(lag_member::LAG_ID, lag).with(lag_member::PORT_ID, port);
        self.library().create(&CREATE_MEMBER, self.id(), &list)
    }

    /// The ports in a LAG.
    pub fn lag_ports(&self, lag: Oid<id::Lag>) -> Result<Vec<Oid<id::Port>>, Error> {
        let members = self.library().get_list(&GET, lag, lag::PORT_LIST)?;
        let port = |member| self.library().get(&GET_MEMBER, member, lag_member::PORT_ID);
        members.into_iter().map(port).collect()
    }
}

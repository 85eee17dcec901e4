//! The roads between the devices: a relay on the loopback, and bundles for who never meets it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use docket_device::app::session::stamp;
use docket_device::sync::{self, Check, HttpTransport, Options, SyncReport};
use docket_format::TenantId;
use docket_relay::Running;

use super::Device;
use crate::errors::CliError;

/// A relay that ends with the demo.
pub(super) struct Relay {
    running: Running,
    /// Bytes of bodies in both directions.
    pub(super) bytes: u64,
    /// Exchanges.
    pub(super) exchanges: u64,
}

impl Relay {
    /// Starts it for one company, on a port that the system chooses.
    pub(super) fn start(dir: &Path, tenant: TenantId) -> Result<Self, CliError> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = docket_relay::Options::new(dir.to_path_buf(), vec![tenant], listen);
        Ok(Self { running: docket_relay::spawn(options)?, bytes: 0, exchanges: 0 })
    }

    /// How devices reach it.
    pub(super) fn transport(&self) -> Result<HttpTransport, CliError> {
        let url = format!("http://{}", self.running.address());
        HttpTransport::new(&url).map_err(|error| CliError::environment(format!("{url}: {error}")))
    }

    /// Brings a device and the relay into step.
    pub(super) fn sync(&mut self, device: &mut Device) -> Result<SyncReport, CliError> {
        let mut transport = self.transport()?;
        let options = Options { push_only: false, check: Check::Never };
        let store = device.session.store_mut();
        let report = sync::sync(store, &mut transport, options, &|| stamp(None), &mut |_| {})?;
        self.bytes += report.sent_bytes + report.received_bytes;
        self.exchanges += u64::from(report.exchanges);
        if report.is_whole() {
            return Ok(report);
        }
        Err(CliError::environment(format!("{} and the relay are not in step: {report:?}", device.name)))
    }
}

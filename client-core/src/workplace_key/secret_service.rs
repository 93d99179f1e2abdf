//! The Secret Service of Linux desktops over D-Bus: GNOME Keyring, KWallet,
//! KeePassXC.
//!
//! No call hangs: each step has a deadline, a person who is asked has a longer
//! one, and a service that goes away is seen at once. What crosses the bus is
//! encrypted by the session's own key.

use super::{
    KEY_BYTES,
    store::{Item, KeyStore, StoreError},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_lite::{FutureExt, StreamExt};
use secret_service::{Collection, EncryptionType, Error, SearchItemsResult, SecretService};
use std::{collections::HashMap, time::Duration};
use zbus::{Connection, connection, fdo, names::BusName};
use zeroize::Zeroizing;

/// How long the service may take for one step; it may have to be started first.
const STEP: Duration = Duration::from_secs(10);
/// How long a person may take.
const PERSON: Duration = Duration::from_secs(120);
/// Name of the service on the bus.
const SERVICE: &str = "org.freedesktop.secrets";
/// Alias of the collection that things are kept in.
const DEFAULT: &str = "default";
/// What a person finds the key under.
const LABEL: &str = "Mitblick: key of this workplace";
/// Text, since some services keep nothing else unchanged.
const CONTENT_TYPE: &str = "text/plain";

/// See the module's documentation.
pub(super) struct SecretServiceStore {
    service: SecretService<'static>,
    connection: Connection,
}

impl SecretServiceStore {
    /// Connects to the service at the bus of this address, or of the session.
    pub(super) fn open(address: Option<&str>) -> Result<Self, StoreError> {
        let connecting = async {
            let builder = match address {
                Some(address) => connection::Builder::address(address),
                None => connection::Builder::session(),
            };
            let absent = |error: zbus::Error| StoreError::Absent(error.to_string());
            let connection = builder.map_err(absent)?.method_timeout(STEP).build().await.map_err(absent)?;
            let service = SecretService::connect_with_existing(EncryptionType::Dh, connection.clone()).await;
            Ok(Self { service: service.map_err(|error| StoreError::Absent(error.to_string()))?, connection })
        };
        let late = async {
            async_io::Timer::after(STEP).await;
            Err(StoreError::Absent("the session bus does not answer".into()))
        };
        async_io::block_on(connecting.or(late))
    }

    /// Performs a step before the deadline and while the service is there.
    fn step<T>(&self, limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        let step = async {
            step.await.map_err(|error| match error {
                Error::Prompt | Error::Locked => StoreError::Refused,
                error => StoreError::Broke(error.to_string()),
            })
        };
        let late = async {
            async_io::Timer::after(limit).await;
            // A person who does not answer does not unlock it either.
            Err(if limit == PERSON { StoreError::Refused } else { StoreError::Broke("it does not answer".into()) })
        };
        async_io::block_on(step.or(late).or(self.gone()))
    }

    /// Comes to an end when the service does.
    async fn gone<T>(&self) -> Result<T, StoreError> {
        if let Err(error) = self.watch().await {
            // Then the deadline sees to it alone.
            tracing::debug!(%error, "the key store can't be watched");
            std::future::pending::<()>().await;
        }
        Err(StoreError::Broke("it has gone away".into()))
    }

    async fn watch(&self) -> zbus::Result<()> {
        let bus = fdo::DBusProxy::new(&self.connection).await?;
        let mut owners = bus.receive_name_owner_changed_with_args(&[(0, SERVICE)]).await?;
        if !bus.name_has_owner(BusName::try_from(SERVICE)?).await? {
            return Ok(());
        }
        while let Some(change) = owners.next().await {
            if change.args()?.new_owner().is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn default_collection(&self) -> Result<Option<Collection<'_>>, Error> {
        match self.service.get_collection_by_alias(DEFAULT).await {
            Ok(collection) => Ok(Some(collection)),
            Err(Error::NoResult) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn search(&self, item: &Item) -> Result<SearchItemsResult<secret_service::Item<'_>>, Error> {
        let public = item.public.map(|public| URL_SAFE_NO_PAD.encode(public));
        let mut attributes = HashMap::from([("application", "mitblick-advisor"), ("kind", "workplace-key")]);
        // By its public half it is found even if the folder was moved.
        match &public {
            Some(public) => attributes.insert("public", public),
            None => attributes.insert("folder", &item.folder),
        };
        self.service.search_items(attributes).await
    }

    async fn delete(&self, item: &Item, but: Option<&str>) -> Result<(), Error> {
        let found = self.search(item).await?;
        for found in found.unlocked.into_iter().chain(found.locked) {
            let attributes = found.get_attributes().await?;
            if but.is_none_or(|public| attributes.get("public").is_none_or(|found| found != public)) {
                found.delete().await?;
            }
        }
        Ok(())
    }
}

impl KeyStore for SecretServiceStore {
    /// A service may hide what is in a locked collection, so it is unlocked
    /// before anything is looked for.
    fn unlock(&mut self, asking: &dyn Fn()) -> Result<(), StoreError> {
        let locked = self.step(STEP, async {
            match self.default_collection().await? {
                Some(collection) => Ok(collection.is_locked().await?),
                None => Ok(true),
            }
        })?;
        if !locked {
            return Ok(());
        }
        asking();
        self.step(PERSON, async {
            match self.default_collection().await? {
                Some(collection) => {
                    collection.unlock().await?;
                    collection.ensure_unlocked().await
                }
                // None yet: the person chooses its password.
                None => self.service.create_collection("Default", DEFAULT).await.map(drop),
            }
        })
    }

    fn find(&mut self, item: &Item, asking: &dyn Fn()) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>, StoreError> {
        let text = self.step(PERSON, async {
            let found = self.search(item).await?;
            // In another collection than the usual one, perhaps.
            let Some(found) = found.unlocked.into_iter().chain(found.locked).next() else { return Ok(None) };
            if found.is_locked().await? {
                asking();
                found.unlock().await?;
            }
            found.get_secret().await.map(Zeroizing::new).map(Some)
        })?;
        let Some(text) = text else { return Ok(None) };
        let key = URL_SAFE_NO_PAD.decode(text.trim_ascii()).map(Zeroizing::new);
        let key = key.ok().and_then(|key| key.as_slice().try_into().ok()).map(Zeroizing::new);
        key.map(Some).ok_or_else(|| StoreError::Broke("what it gives back is no key".into()))
    }

    fn put(&mut self, item: &Item, key: &[u8; KEY_BYTES]) -> Result<(), StoreError> {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(key));
        let public = item.public.map(|public| URL_SAFE_NO_PAD.encode(public)).unwrap_or_default();
        self.step(PERSON, async {
            let attributes = HashMap::from([
                ("application", "mitblick-advisor"),
                ("kind", "workplace-key"),
                ("folder", item.folder.as_str()),
                ("public", public.as_str()),
            ]);
            let collection = self.default_collection().await?.ok_or(Error::NoResult)?;
            collection.create_item(LABEL, attributes, text.as_bytes(), true, CONTENT_TYPE).await.map(drop)
        })
    }

    fn remove(&mut self, item: &Item) -> Result<(), StoreError> {
        self.step(PERSON, self.delete(item, None))
    }

    fn remove_others(&mut self, item: &Item) -> Result<(), StoreError> {
        let public = item.public.map(|public| URL_SAFE_NO_PAD.encode(public)).unwrap_or_default();
        let any = Item { public: None, ..item.clone() };
        self.step(PERSON, self.delete(&any, Some(&public)))
    }
}

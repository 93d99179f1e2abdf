//! What the person wants windows to look like, as the desktop has it.

use std::sync::Arc;

/// The person's wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Appearance {
    /// Dark windows, or light ones; `None` = no wish.
    pub dark: Option<bool>,
    /// Strong contrasts.
    pub contrast: bool,
}

/// Called with each wish, on a thread of its own. Must not block for long.
pub type AppearanceHandler = Arc<dyn Fn(Appearance) + Send + Sync>;

/// Tells of the wish and of its changes from here on. Where the desktop does
/// not say, nothing is ever told.
#[cfg(target_os = "linux")]
pub fn follow(told: AppearanceHandler) {
    let follower = std::thread::Builder::new().name("appearance".to_owned());
    let follows = follower.spawn(move || {
        if let Err(error) = async_io::block_on(portal::follow(&*told)) {
            tracing::debug!(%error, "the desktop does not say what windows are to look like");
        }
    });
    if let Err(error) = follows {
        tracing::debug!(%error, "nobody asks the desktop what windows are to look like");
    }
}

/// Elsewhere nobody is asked yet.
#[cfg(not(target_os = "linux"))]
pub fn follow(_told: AppearanceHandler) {}

/// The settings of the desktop by way of its portal, `org.freedesktop.portal.Settings`.
#[cfg(target_os = "linux")]
mod portal {
    use super::Appearance;
    use futures_lite::StreamExt as _;
    use zbus::{
        Connection, Proxy,
        zvariant::{OwnedValue, Value},
    };

    const APPEARANCE: &str = "org.freedesktop.appearance";

    /// Until the bus is gone.
    pub(super) async fn follow(told: &(dyn Fn(Appearance) + Send + Sync)) -> zbus::Result<()> {
        let bus = Connection::session().await?;
        let place = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop");
        let settings = Proxy::new(&bus, place.0, place.1, "org.freedesktop.portal.Settings").await?;
        // Before it is asked, so that no change falls between.
        let mut changes = settings.receive_signal("SettingChanged").await?;
        let mut wish = Appearance::default();
        for name in ["color-scheme", "contrast"] {
            // `ReadOne` is of version 2; the older `Read` has it packed twice.
            let value: zbus::Result<OwnedValue> = settings.call("Read", &(APPEARANCE, name)).await;
            if let Ok(value) = value {
                take(&mut wish, name, &value);
            }
        }
        told(wish);
        while let Some(change) = changes.next().await {
            let body = change.body();
            let Ok((space, name, value)) = body.deserialize::<(&str, &str, Value<'_>)>() else { continue };
            if space == APPEARANCE && take(&mut wish, name, &value) {
                told(wish);
            }
        }
        Ok(())
    }

    /// Takes a setting, and whether it was one of these. Values that are not
    /// known are no wish, as the portal's documentation says.
    fn take(wish: &mut Appearance, name: &str, value: &Value<'_>) -> bool {
        let mut value = value;
        while let Value::Value(inner) = value {
            value = inner;
        }
        let Value::U32(number) = value else { return false };
        match name {
            "color-scheme" => {
                wish.dark = match number {
                    1 => Some(true),
                    2 => Some(false),
                    _ => None,
                };
            }
            "contrast" => wish.contrast = *number == 1,
            _ => return false,
        }
        true
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn settings_are_taken_however_often_they_are_packed_and_what_is_unknown_is_no_wish() {
            let mut wish = Appearance::default();
            assert!(take(&mut wish, "color-scheme", &Value::Value(Box::new(Value::U32(1)))));
            assert!(take(&mut wish, "contrast", &Value::U32(1)));
            assert_eq!(wish, Appearance { dark: Some(true), contrast: true });
            assert!(take(&mut wish, "color-scheme", &Value::U32(2)));
            assert_eq!(wish.dark, Some(false));
            for (name, value) in
                [("accent-color", Value::U32(1)), ("contrast", Value::Str("high".into())), ("contrast", Value::I32(1))]
            {
                assert!(!take(&mut wish, name, &value), "{name}");
            }
            assert!(take(&mut wish, "color-scheme", &Value::U32(7)) && take(&mut wish, "contrast", &Value::U32(7)));
            assert_eq!(wish, Appearance::default());
        }
    }
}

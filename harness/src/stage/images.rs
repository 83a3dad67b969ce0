//! Which image stands behind a name. The list is the one that `containers/setup` reads.

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;

use super::StageError;

const LIST: &str = include_str!("../../../containers/images.txt");

/// An image: `repository:tag`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageName {
    pub(super) repository: String,
    pub(super) tag: String,
}

/// The image of a broker, or of the base for our own executable: the official one if it is here,
/// else our stand-in. Nothing is pulled or built during a run.
pub(super) async fn of(docker: &Docker, name: &str) -> Result<ImageName, StageError> {
    let candidates = candidates(name);
    for image in &candidates {
        if docker.inspect_image(image).await.is_ok() {
            return Ok(parse(image));
        }
    }
    Err(StageError::Environment(format!(
        "there is no image for {name} ({}): run `containers/setup`",
        candidates.join(" or ")
    )))
}

/// The image of a subject, which its owner names. It, too, must be here already.
pub(super) async fn of_subject(docker: &Docker, image: &str) -> Result<ImageName, StageError> {
    if image.trim().is_empty() {
        return Err(StageError::Scenario(
            "the name of an image is empty".to_owned(),
        ));
    }
    match docker.inspect_image(image).await {
        // Under a name of its own, so that nobody takes an id for a name and pulls that.
        Ok(found) => {
            let named = parse(image);
            let tags = found.repo_tags.unwrap_or_default();
            match tags.iter().map(|tag| parse(tag)).collect::<Vec<_>>() {
                tags if tags.contains(&named) => Ok(named),
                tags => tags.into_iter().next().ok_or_else(|| {
                    StageError::Scenario(format!("the image {image} has no name: tag it"))
                }),
            }
        }
        Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Err(StageError::Environment(format!(
            "there is no image {image}: `docker pull {image}` brings it, and `containers/setup` \
             those of this project"
        ))),
        Err(error) => Err(StageError::docker(
            &format!("look for the image {image}"),
            &error,
        )),
    }
}

/// Reads `repository:tag`; without a tag it is `latest`.
pub(super) fn parse(image: &str) -> ImageName {
    // A colon before the last slash belongs to the port of a registry.
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => ImageName {
            repository: repository.to_owned(),
            tag: tag.to_owned(),
        },
        _ => ImageName {
            repository: image.to_owned(),
            tag: "latest".to_owned(),
        },
    }
}

fn candidates(name: &str) -> Vec<&'static str> {
    LIST.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|columns| columns.first() == Some(&name))
        .map(|columns| columns[1..].iter().copied().filter(|c| *c != "-").collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use unbroken_adapters::{Boundaries, Medium};

    #[test]
    fn every_broker_of_every_boundary_has_an_image() {
        for boundary in Boundaries::all().iter() {
            if let Medium::Broker(broker) = boundary.descriptor().medium {
                assert_eq!(candidates(broker.name).len(), 2, "{}", broker.name);
            }
        }
    }

    #[test]
    fn a_registry_with_a_port_is_no_tag() {
        let image = parse("registry:5000/acme/orders");
        assert_eq!(
            (&*image.repository, &*image.tag),
            ("registry:5000/acme/orders", "latest")
        );
        assert_eq!(parse("acme/orders:2").tag, "2");
    }
}

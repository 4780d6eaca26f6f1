//! The HTML part of a mail, made from its plain text: the same words, with links that can be followed.

/// The id of the picture in a mail.
pub const PICTURE: &str = "photo";

/// The text as a document of paragraphs, below the picture if there is one.
pub fn of(text: &str, has_picture: bool) -> String {
    let paragraphs = text.trim().split("\n\n").map(|paragraph| {
        let lines: Vec<String> = paragraph.lines().map(line).collect();
        format!("<p>{}</p>", lines.join("<br>\n"))
    });
    let paragraphs: Vec<String> = paragraphs.collect();
    let picture = if has_picture {
        format!(
            "<p><img src=\"cid:{PICTURE}\" alt=\"\" width=\"480\" style=\"max-width:100%;height:auto\"></p>\n"
        )
    } else {
        String::new()
    };
    format!("<!doctype html>\n<html><body>\n{picture}{}\n</body></html>\n", paragraphs.join("\n"))
}

fn line(line: &str) -> String {
    let words: Vec<String> = line.split(' ').map(word).collect();
    words.join(" ")
}

/// An address of the web becomes a link; a mark behind it is not a part of it.
fn word(word: &str) -> String {
    if !word.starts_with("https://") && !word.starts_with("http://") {
        return escaped(word);
    }
    let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '»', '"']);
    let (link, behind) = (escaped(address), escaped(&word[address.len()..]));
    format!("<a href=\"{link}\">{link}</a>{behind}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_stays_the_same_and_its_links_can_be_followed() {
        let html =
            of("Hello <b>Anna</b> & Ivan,\nsee https://photos.example/order/1?key=a&b=\"c\".\n\nBye", false);
        assert_eq!(
            html,
            "<!doctype html>\n<html><body>\n\
             <p>Hello &lt;b&gt;Anna&lt;/b&gt; &amp; Ivan,<br>\n\
             see <a href=\"https://photos.example/order/1?key=a&amp;b=&quot;c\">\
             https://photos.example/order/1?key=a&amp;b=&quot;c</a>&quot;.</p>\n\
             <p>Bye</p>\n</body></html>\n"
        );
    }
}

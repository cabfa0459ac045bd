"""Signs of orders to a model: one expression each, written from knowledge of the attack families.

Hyperscan's syntax; letters match in any case unless an expression says otherwise. A sign is no proof: the model weighs
them, and ordinary requests show some of them too.
"""

# ruff: noqa: E501 -- an expression reads best in one piece

from typing import Final, NamedTuple

_DROP: Final = (
    r"(ignor\w*|disregard\w*|forget|overlook|neglect|bypass|overrid\w*|drop|skip|discard|vergiss|"
    r"vergessen|ignorier\w*|olvida\w*|ignora\w*|oublie\w*|ignorez|esque\w*|dimentica\w*)"
)
_WHICH: Final = (
    r"(previous|prior|preceding|above|earlier|foregoing|all|any|every|your|the|my|past|initial|original|"
    r"current|everything|alle\w*|bisherig\w*|vorherig\w*|obig\w*|anterior\w*|previ\w*|pr[eé]c[eé]dent\w*|"
    r"todas?|tout\w*|precedent\w*)"
)
_ORDERS: Final = (
    r"(instruction|direction|command|prompt|rule|order|guideline|context|message|task|assignment|polic|"
    r"restriction|constraint|programming|training|anweisung|aufgabe|befehl|instruccion|instrucci[oó]n|"
    r"consigne|istruzion|instru[cç])"
)
_HIDDEN: Final = (
    r"(system prompt|prompt|instructions?|secrets?|passwords?|pass ?phrases?|confidential|hidden|"
    r"credential|api key|initial text|guidelines|internal|keyword|codeword|restricted|private|sensitive|"
    r"access)"
)
_TELL: Final = (
    r"(reveal|show|print|repeat|tell|display|output|disclose|share|leak|expose|dump|echo|give|return|list|"
    r"send|spell|write|say|provide|recite|translate|encode|zeig\w*|nenn\w*|sag\w*|muestra|dime|montre)"
)
_START: Final = r"(^|[.!?:;\n>\]\|\"'*#]\s*)"


class Sign(NamedTuple):
    """One sign."""

    name: str
    expression: str
    direction: int
    """1 for attacks only, -1 for ordinary text only, 0 where the data may tell."""


SIGNS: Final = (
    Sign("override", _DROP + r"\W+(\w+\W+){0,3}" + _WHICH + r"?\W+(\w+\W+){0,4}" + _ORDERS, 1),
    Sign("override_near", _DROP + r"\W+(\w+\W+){0,2}" + _WHICH, 1),
    Sign(
        "forget_all",
        r"(forget|vergiss|olvida|oublie)\W+(about\W+)?(everything|all|alles|that|it|the|what|todo|tout)",
        1,
    ),
    Sign("instead", r"\b(instead|stattdessen|rather than|regardless of)\b", 1),
    Sign(
        "now_task",
        r"\b(new|next|real|actual|different|additional|following|neue\w*)\s+(task|instruction|objective|goal|role|rule|prompt|question|request|assignment|aufgabe)",
        1,
    ),
    Sign("from_now", r"\b(from now on|henceforth|starting now|as of now|ab jetzt|from this point)\b", 1),
    Sign("tell_secret", r"\b" + _TELL + r"\b\W+(\w+\W+){0,8}" + _HIDDEN, 1),
    Sign(
        "what_secret",
        r"\bwhat\W+(\w+\W+){0,3}(is|are|was|were)\W+(\w+\W+){0,5}(system prompt|prompt|instructions?|secret|password|rules|guidelines|key)\b",
        1,
    ),
    Sign("system_prompt", r"\b(system|initial|original|hidden|developer|pre)[- ]?(prompt|message|instruction)", 1),
    Sign("prompt_text", r"\bprompt ?(text|template|s\b|inject)", 1),
    Sign(
        "you_are_now", r"\byou('re| are| will be|r)\W+(now|no longer|going to|free|an?\b|not\b|about to|currently)", 1
    ),
    Sign(
        "act_as",
        r"\b(act|acting|behave|behaving|respond|answer|speak|play|pose|function)\W+(\w+\W+){0,2}(as|like|the role)\b",
        1,
    ),
    Sign(
        "pretend",
        r"\b(pretend|role-?play|imagine|simulate|hypothetical|fictional|act out|suppose|let's play|play a game|immerse|character|persona)\w*",
        1,
    ),
    Sign(
        "dan",
        r"\b(dan|do anything now|jailbreak\w*|jailbroken|developer mode|dev mode|god mode|unfiltered|uncensored|evil|aim|stan|dude|unrestricted|no restrictions|without (any )?(restriction|limit|filter|censor)\w*|anything goes)\b",
        1,
    ),
    Sign(
        "no_rules",
        r"\b(no|without|free of|free from|not bound by|not limited|break|breaking|ignore|violat\w*)\W+(\w+\W+){0,3}(rules?|ethic\w*|moral\w*|filters?|limit\w*|restrict\w*|guideline\w*|polic\w*|censor\w*)",
        1,
    ),
    Sign(
        "ai_model",
        r"\b(as an ai|language model|chatgpt|openai|gpt-?\d|gpt|llm|chatbot|ai assistant|assistant|bing|claude|gemini|anthropic)\b",
        0,
    ),
    Sign(
        "policy",
        r"\b(openai|content|usage|ethical|safety|security)\W+(\w+\W+)?(polic|guideline|filter|protocol|measure|rule)",
        0,
    ),
    Sign("role_marker", r"(^|\n|\s|>)(system|assistant|user|human|ai|bot|instruction|response|input|output)\s?:", 1),
    Sign(
        "chat_tokens",
        r"(<\|?\w{1,12}\|?>|\[/?(inst|sys|system|user|assistant|end)\w*\]|<</?sys>>|###|<s>|</s>|\[\[|\{\{|<!--|endoftext|im_start|im_end)",
        1,
    ),
    Sign(
        "close_tag",
        r"</?(data|document|context|user|system|prompt|email|text|input|instruction|info\w*|important|admin|message|query|div|span)>",
        1,
    ),
    Sign("rule_line", r"(={3,}|-{4,}|\*{3,}|_{4,}|~{3,}|\+{4,})", 0),
    Sign(
        "end_of",
        r"\b(end of|begin|start of|end)\W+(\w+\W+){0,2}(document|text|input|prompt|data|instruction|message|context|email|conversation)",
        1,
    ),
    Sign(
        "say_quote",
        r"\b(say|print|output|write|respond|reply|answer|include|append|add|type|return|state|echo|schreib\w*|sag\w*|antworte)\W+(\w+\W+){0,7}[\"'“‘«`„]",
        1,
    ),
    Sign(
        "in_response",
        r"\b(in|to|into|of|within|with|throughout|end|start|begin)\W+(your|the|every|each|all)\W+(\w+\W+)?(response|answer|reply|replies|output|summary|sentence|solution|code|text)",
        1,
    ),
    Sign(
        "respond_with",
        r"\b(respond|reply|answer|return|output|print|say|antworte)\W+(\w+\W+){0,2}(only|with|nur|exactly|just|solely|nothing|in\b)",
        1,
    ),
    Sign(
        "only",
        r"\b(only|nothing else|nothing more|nothing but|no other|exactly|verbatim|word for word|do not say)\b",
        0,
    ),
    Sign(
        "must",
        r"\b(you (must|should|shall|need to|have to|will|can|may)|it is (crucial|important|imperative|essential|vital)|make sure|be sure|ensure|always|never|do not|don't)\b",
        0,
    ),
    Sign(
        "important",
        r"\b(important|urgent|attention|critical|mandatory|warning|notice|priority|immediately|asap)\b\W*[!:]",
        1,
    ),
    Sign(
        "before_you",
        r"\b(before|after|while|when) (you|answering|responding|doing|completing|solving|continuing|proceeding|summari)\w*",
        1,
    ),
    Sign("please", r"\b(please|kindly|bitte|por favor|s'il)\b", 0),
    Sign(
        "imperative",
        _START
        + r"(please |now |then |just |first |also |so |and |but |ok |okay )?(write|tell|give|show|print|say|repeat|ignore|forget|list|create|generate|provide|explain|describe|translate|respond|answer|reply|output|reveal|send|make|take|use|do|don't|stop|start|pretend|imagine|act|let|consider|find|add|insert|include|incorporate|integrate|embed|append|mention|offer|suggest|recommend|ensure|implement|encode|decode|convert|replace|display|disclose|share|follow|continue|complete|read|check|visit|click|open|call|delete|transfer|modify|change|summarize|rewrite|count|spell|remember|never|always|format|begin|end|finish|quote|highlight|link|promote|advertise|inform|alert|notify|execute|run|compute|calculate|solve|arrange|group|reverse|capitalize|omit|remove|perform|conduct|engage|attach|forward)\b",
        0,
    ),
    Sign("in_your", r"\b(your|you|yourself|du|dein\w*|ihre?|sie|tu|votre|vous|usted)\b", 0),
    Sign("me_my", r"\b(me|my|mine|i'm|i am|i'll|mir|mich)\b", 0),
    Sign(
        "ask_game", r"\b(game|story|poem|song|script|scene|essay|joke|riddle|acrostic|first letter|letter of each)\b", 0
    ),
    Sign(
        "encode",
        r"\b(base ?64|rot ?13|caesar|hex|binary|ascii|morse|cipher|leet|reverse\w*|backwards?|spell\w*|letter by letter|character by character|encod\w*|decod\w*|emoji|unicode|space between|separated by|dash(es)?)\b",
        1,
    ),
    Sign(
        "password", r"\b(password|secret|passcode|passphrase|secret key|confidential|keyword|codeword|access code)\b", 1
    ),
    Sign(
        "deny_trap",
        r"\b(do not|don't|never|cannot|must not|should not)\W+(\w+\W+){0,3}(reveal|share|disclose|tell|give|divulge|expose|provide|allow|let)\b",
        -1,
    ),
    Sign(
        "protect",
        r"\b(protect|confidentiality|safeguard|ensure|encrypt\w*|authori[sz]ed|unauthori[sz]ed|privacy|compliance|integrity)\b",
        -1,
    ),
    Sign(
        "admin",
        r"\b(admin\w*|root|sudo|developer|debug\w*|maintenance|superuser|authori[sz]ation|owner|creator|engineer|override code|test mode|diagnostic)\b",
        0,
    ),
    Sign(
        "url_send",
        r"\b(send|email|forward|transfer|post|upload|transmit|exfiltrat\w*|wire|pay|visit|click|navigate|go to)\W+(\w+\W+){0,8}(https?:|www|@|account|iban|address|\w+\.(com|org|net|ru))",
        1,
    ),
    Sign("codefence", r"(```|\bimport \w|\bdef \w+\(|\bprint\(|\breturn\b|\bfunction\b|;\s*\n)", 0),
    Sign(
        "shell",
        r"\b(rm -rf|curl |wget |eval\(|exec\(|os\.system|subprocess|requests\.(get|post)|drop table|select \* from|smtplib|socket|http\.client|open\()",
        1,
    ),
    Sign(
        "harm",
        r"\b(hack\w*|bomb|kill|weapon|drug|malware|virus|steal|illegal\w*|exploit\w*|attack\w*|hate|racist|sexist|murder|suicid\w*|phish\w*|ransom\w*|explicit|nsfw|porn\w*|violen\w*|harmful|dangerous|offensive|profan\w*)",
        0,
    ),
    Sign(
        "ctf",
        r"\b(flag|challenge|level|guess|hint|clue|correct|congratulations|you win|well done|thank you|great|awesome|wow)\b",
        0,
    ),
    Sign("question", r"\?", 0),
    Sign("q_end", r"\?\s*$", 0),
    Sign("shout", r"[!]{2,}", 1),
    Sign("caps", r"(?-i)\b[A-Z]{4,}\b(\W+[A-Z]{2,}\b){1,}", 1),
    Sign("quoted_cap", r"(?-i)[\"'][A-Z][A-Z ]{2,}[\"']", 1),
    Sign("table", r"\|[^|\n]{0,60}\|[^|\n]{0,60}\|", 0),
    Sign("weird", r"(\w[-_. ]){6,}\w\b", 1),
    Sign("b64", r"[A-Za-z0-9+/]{32,}={0,2}", 1),
    Sign("past", r"\b(was|were|had|did|said|has been|have been)\b", -1),
    Sign("third", r"\b(he|she|they|his|her|their|it|its|who)\b", -1),
    Sign("we", r"\b(we|our|us)\b", -1),
    Sign("the_of", r"\b(of the|in the|to the|for the|on the)\b", -1),
)

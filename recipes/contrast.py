"""Sentences whose verdict a bag of words misreads, by rule: negators, "but", "not only", what others think.

    python -m recipes.contrast [sentiment] [--output contrast.csv]    # what share of the test a pipeline reads right

A template has slots in braces, into which words are drawn, or phrases, which have slots themselves. Networks learn from
`TRAINING`; `DEVELOPMENT` has other templates and other words, by which the grammar of the first was chosen; `TEST` has
others again, by which nothing was chosen.
"""

import argparse

import numpy as np

import lstm_zoo
from lstm_zoo.tasks.sentiment import CLASSES

TEST_DRAWS, TEST_SEED = 20, 1  # sentences of a template at most
PHRASES = 8  # times as many of a template with phrases, which are different

TRAINING_WORDS = {
    "good": """
        good | great | excellent | wonderful | brilliant | amazing | fantastic | funny | enjoyable | clever |
        charming | beautiful | moving | impressive | interesting | fresh | original | fun | perfect |
        entertaining | strong | useful | comfortable | reliable | smart | witty | sharp | easy | quick | helpful
        | believable | exciting | touching | solid | nice | fine | outstanding | gorgeous | captivating |
        hilarious | memorable | thoughtful | convincing | elegant
    """,
    "bad": """
        bad | boring | awful | terrible | dull | horrible | stupid | predictable | slow | weak | annoying |
        cheap | bland | lame | poor | disappointing | forgettable | ugly | silly | ridiculous | useless | noisy
        | unreliable | clumsy | confusing | flat | stale | rude | dirty | broken | overpriced | tiresome |
        unfunny | difficult | messy | pretentious | tasteless | irritating | uninspired | shallow | painful |
        clichéd | wooden | laughable | unpleasant
    """,
    "better": """
        better | funnier | smarter | stronger | easier | faster | sharper | more exciting | more fun | greater |
        lovelier | wittier
    """,
    "loved": """
        loved | enjoyed | liked | treasured | admired
    """,
    "hated": """
        hated | disliked | regretted
    """,
    "love": """
        love | enjoy | like | recommend
    """,
    "hate": """
        hate | dislike | regret
    """,
    "flaw": """
        fault | flaw | problem | mistake | dull moment | bad scene | boring minute | wasted minute | weak spot |
        tedious scene
    """,
    "merit": """
        merit | charm | good scene | redeeming feature | good idea | interesting moment | funny line | saving
        grace | clever thought | memorable scene
    """,
    "thing": """
        film | movie | story | plot | acting | script | ending | cast | music | direction | dialogue | book |
        show | series | song | camera | phone | battery | screen | sound | room | food | service | staff |
        product | software | game | car | price | design | quality | picture | performance | photography |
        restaurant | tablet | soundtrack | printer
    """,
    "people": """
        critics | people | my friends | the reviews | some viewers | others | they | all my colleagues | the
        papers | my brother and his wife | the audience
    """,
    "praise": """
        I have never seen a {thing} so {good} | nothing is as {good} as this {thing} | no {thing} is as {good} |
        it is as {good} as a {thing} can be | few {thing}s are so {good} | I can hardly imagine a {better}
        {thing} | it showed itself to be {good} | it could not be {better} | such a {good} {thing} is rare | it
        is {good} | it was {good} | the {thing} is {good} | the {thing} was {good} | I found it {good} | I
        {loved} it | I {loved} the {thing} | I think it is {good} | it turned out {good} | for me it is {good} |
        it is a {good} {thing} | I would call it {good} | it was really {good} | I had to admit that it is
        {good} | it is {good} and {good} | the whole is {good} | {people} were right: it is {good} | I {loved}
        all of it
    """,
    "blame": """
        I have never seen a {thing} so {bad} | nothing is as {bad} as this {thing} | no {thing} is as {bad} | it
        is as {bad} as a {thing} can be | few {thing}s are so {bad} | I can easily imagine a {better} {thing} |
        it showed itself to be {bad} | it could be so much {better} | such a {bad} {thing} is rare | it is {bad}
        | it was {bad} | the {thing} is {bad} | the {thing} was {bad} | I found it {bad} | I {hated} it | I
        {hated} the {thing} | I think it is {bad} | it turned out {bad} | for me it is {bad} | it is a {bad}
        {thing} | I would call it {bad} | it was really {bad} | I had to admit that it is {bad} | it is {bad}
        and {bad} | the whole is {bad} | {people} were right: it is {bad} | I {hated} all of it
    """,
    "not": """
        not | never | hardly | by no means | not at all | not really | not even remotely | in no respect | not
        once | nowhere near | at no time | far from | anything but | not for a moment
    """,
    "not_bad": """
        there was nothing {bad} about any of it | none of it is {bad} | no part of the {thing} was {bad} | I
        never thought of it as {bad} | I never thought it {bad} | I saw nothing {bad} in it | it is not in any
        sense {bad} | in no sense is it {bad} | it is not as if the {thing} were {bad} | few would say that it
        is {bad} | hardly anybody would find it {bad} | there is no reason to call it {bad} | I have no {bad}
        word for it | it isn't one bit {bad} | it was not for a second {bad} | it is {not} {bad} | it was {not}
        {bad} | the {thing} is {not} {bad} | the {thing} was {not} {bad} | I did not find it {bad} | I don't
        think it is {bad} | it isn't {bad} | the {thing} isn't {bad} | it never seemed {bad} to me | it never
        felt {bad} | it did not strike me as {bad} | there is nothing {bad} in it | nothing about the {thing} is
        {bad} | nobody can say that it is {bad} | you can't call it {bad} | I can't say that I {hated} it | I
        didn't {hate} it | I have never {hated} it | it is not a {bad} {thing} | at no point did I find it {bad}
        | it does not get {bad} | it never gets {bad} | it was no {bad} {thing} | I would never call this
        {thing} {bad} | who could find it {bad} | it has no {flaw} | I found no {flaw} in it
    """,
    "not_good": """
        there was nothing {good} about any of it | none of it is {good} | no part of the {thing} was {good} | I
        never thought of it as {good} | I never thought it {good} | I saw nothing {good} in it | it is not in
        any sense {good} | in no sense is it {good} | it is not as if the {thing} were {good} | few would say
        that it is {good} | hardly anybody would find it {good} | there is no reason to call it {good} | I have
        no {good} word for it | it isn't one bit {good} | it was not for a second {good} | it is {not} {good} |
        it was {not} {good} | the {thing} is {not} {good} | the {thing} was {not} {good} | I did not find it
        {good} | I don't think it is {good} | it isn't {good} | the {thing} isn't {good} | it never seemed
        {good} to me | it never felt {good} | it did not strike me as {good} | there is nothing {good} in it |
        nothing about the {thing} is {good} | nobody can say that it is {good} | you can't call it {good} | I
        can't say that I {loved} it | I didn't {love} it | I have never {loved} it | it is not a {good} {thing}
        | at no point did I find it {good} | it does not get {good} | it never gets {good} | it was no {good}
        {thing} | I would never call this {thing} {good} | who could find it {good} | it has no {merit} | I
        found no {merit} in it
    """,
    "they_blame": """
        I worried that it would be {bad} | {people} had told me that it is {bad} | I thought that it would be
        {bad} | {people} hate it | others may well find it {bad} | so many people {hated} it | {people} say it
        is {bad} | {people} say it isn't {good} | {people} found it {bad} | {people} {hated} it | {people} call
        it {bad} | I had heard that it is {bad} | I was told that it is {bad} | {people} warned me | the {thing}
        has a {bad} reputation | {people} couldn't stand it | {people} think the {thing} is {bad} | I expected
        it to be {bad} | I feared that it would be {bad} | it looked {bad} at first | it sounds {bad}
    """,
    "they_praise": """
        I was sure that it would be {good} | {people} had told me that it is {good} | I thought that it would be
        {good} | {people} love it | others may well find it {good} | so many people {loved} it | {people} say it
        is {good} | {people} say it isn't {bad} | {people} found it {good} | {people} {loved} it | {people} call
        it {good} | I had heard that it is {good} | I was told that it is {good} | {people} recommended it | the
        {thing} has a {good} reputation | {people} couldn't stop praising it | {people} think the {thing} is
        {good} | I expected it to be {good} | I hoped that it would be {good} | it looked {good} at first | it
        sounds {good}
    """,
    "but": """
        . instead | . I don't care, | . all the same, | . that is not how I see it: | , but | , yet | . still, |
        . nevertheless | , and yet | ; but | . but | . well, | . in the end | , but for me
    """,
    "though": """
        although | though | despite the fact that | granted, | sure, | yes, | even if
    """,
}
DEVELOPMENT_WORDS = {
    "good": """
        exquisite | marvellous | engaging | stunning | rewarding | refreshing | polished | heartfelt |
        insightful | fabulous | inventive | graceful
    """,
    "bad": """
        atrocious | abysmal | dreary | contrived | grating | lifeless | amateurish | insipid | offensive |
        monotonous | disjointed | pitiful
    """,
    "better": """
        cleverer | livelier | tidier | kinder
    """,
    "loved": """
        relished | cherished
    """,
    "hated": """
        despised | resented
    """,
    "flaw": """
        blemish | misstep | clumsy line | dreary minute
    """,
    "merit": """
        highlight | strong point | fresh thought | moment of wit
    """,
    "thing": """
        documentary | sequel | concert | essay | vacuum cleaner | restaurant meal | headset | lecture
    """,
    "people": """
        the jury | half of my family | the press | everyone at work
    """,
}
TEST_WORDS = {
    "good": """
        pleasant | satisfying | lovely | worthwhile | delightful | first-rate | splendid | likable | terrific |
        marvelous | classy | top-notch | superb
    """,
    "bad": """
        shoddy | dismal | tedious | lousy | mediocre | sloppy | dreadful | frustrating | tacky | shabby |
        second-rate | miserable | pointless
    """,
    "better": """
        finer | nicer | more enjoyable | more impressive | more rewarding | more pleasing
    """,
    "loved": """
        adored | thoroughly enjoyed
    """,
    "hated": """
        detested | loathed
    """,
    "flaw": """
        weakness | shortcoming | defect
    """,
    "merit": """
        strength | virtue | bright spot
    """,
    "thing": """
        novel | ballad | blender | hotel | bistro | courier service | museum
    """,
    "people": """
        the critics | my coworkers | most reviewers | the neighbours | my cousins
    """,
}
TRAINING = {
    "negative": """
        {blame}. | {blame}, and {blame}. | {not_good}. | {not_good}, and {not_good}. | {not_good}: {blame}. |
        {blame}, {not_good}. | {praise}{but} {blame}. | {praise}{but} {not_good}. | {though} {praise}, {blame}.
        | {though} {praise}, {not_good}. | {they_praise}{but} {blame}. | {they_praise}{but} {not_good}. |
        {they_praise}. {blame}. | {though} {they_praise}, {blame}. | {blame}, even if {they_praise}. |
        {they_praise}? {not_good}. | {they_praise}. I disagree: {blame}. | {not_bad} in part{but} {blame}. |
        {people} are wrong: {blame}. | {people} are wrong: {not_good}. | I would not have thought so, but
        {blame}. | {blame} after all. | against all odds {blame}. | {blame}, whatever {people} say. | {bad}. |
        {bad} {thing}. | very {bad}! | a {bad} {thing}. | the {thing} is {bad}. | it is {bad}. | I {hated} the
        {thing}. | the {thing} was really {bad} and {bad}. | so {bad}! | simply {bad}. | what a {bad} {thing}! |
        this is a {bad} {thing}. | one of the most {bad} {thing}s I know. | not {good}. | not {good} at all. |
        not at all {good}. | never {good}. | it is not {good}. | it isn't {good}. | it was never {good}. | the
        {thing} is not {good}. | the {thing} isn't {good} at all. | the {thing} wasn't {good}. | not a {good}
        {thing}. | the {thing} is never {good}. | this is no {good} {thing}. | nothing {good} about it. | there
        is nothing {good} in this {thing}. | far from {good}. | the {thing} is far from {good}. | anything but
        {good}. | the {thing} was anything but {good}. | by no means {good}. | nowhere near {good}. | hardly
        {good}. | I wouldn't call it {good}. | you can't say that it is {good}. | it doesn't get {good}. | it
        never gets {good}. | it does not feel {good} for a minute. | I don't think it is {good}. | neither
        {good} nor {good}. | not once is it {good}. | at no time was the {thing} {good}. | it didn't seem {good}
        to me. | I didn't {love} the {thing}. | I did not {love} it at all. | I couldn't {love} this {thing}. |
        nobody will {love} it. | without a single {merit}. | a {thing} without a {merit}. | there is no {merit}
        in it. | not one {merit} from start to end. | I can't find a {merit} in it. | it has no {merit}. | the
        {thing} does not work. | don't bother. | don't waste your time on this {thing}. | I can't recommend the
        {thing}. | I would not recommend it. | nothing to write home about. | it could have been {better}. | any
        other {thing} is {better} than this. | I have seen {better} {thing}s. | everything is {better} than this
        {thing}. | it should have been {better}. | almost any {thing} would be {better}. | it couldn't be worse.
        | I have never seen a worse {thing}. | nothing could be worse. | it doesn't get worse than this. | the
        {thing} is {good}, but it is {bad}. | the {thing} is {good}, but the {thing} is {bad}. | {good}, but
        {bad}. | a bit {good}, but on the whole it is {bad}. | although the {thing} is {good}, it is {bad}. | it
        starts {good}, yet it ends {bad}. | I thought it would be {good}, but it was {bad}. | I expected it to
        be {good}. It was {bad}. | it may look {good}, but it is {bad}. | it sounds {good} and turns out to be
        {bad}. | at first {good}, in the end {bad}. | not {good} but {bad}. | not {good}, just {bad}. | it isn't
        {good}, it is {bad}. | instead of {good} it is {bad}. | it could have been {good}, but it is {bad}. |
        despite a {good} {thing} it is {bad}. | it is {bad}, even if the {thing} is {good}. | not only {bad} but
        also {bad}. | it is not only {bad}, it is {bad} too. | not just {bad}, but {bad} as well. | not only is
        the {thing} {bad}, it is {bad}. | the {thing} is not only {bad} but {bad}. | never less than {bad}. |
        nothing but {bad}. | nothing if not {bad}. | no doubt, it is {bad}. | no wonder that it is so {bad}. | I
        have never seen such a {bad} {thing}. | never have I seen a more {bad} {thing}. | I can't say how {bad}
        it is. | {people} say it is {good}, but I {hated} it. | {people} called it {good}. I {hated} it. |
        {people} found it {good}; I found it {bad}. | I can't see why {people} call it {good}. | {people} are
        wrong: it isn't {good}. | contrary to what {people} say, it is {bad}. | I was told that it is {good},
        and it is {bad}. | whoever calls this {thing} {good} is wrong. | don't believe that it is {good}. | The
        {thing} was not {good} in the least. | It's not as though it were {good}. | There isn't anything {good}
        about the {thing}. | In no way is this {good}. | I never found the {thing} {good}. | This {thing} is not
        the least bit {good}. | Not {good} in any way. | No one would call the {thing} {good}. | It fails ever
        to be {good}. | A {thing} that is never {good}. | There's not a {merit} to be found. | The {thing} is
        devoid of any {merit}. | I expected something {better}. | Surely there are {better} {thing}s. | Parts of
        the {thing} are {good}, but overall I thought it was {bad}. | The first half is {good}, however the rest
        is {bad}. | While the {thing} seems {good}, the {thing} as a whole is {bad}. | I was afraid it might be
        {good}; instead it proved {bad}. | It's {good} in places, but mostly {bad}. | Rather than {good}, the
        {thing} is {bad}. | Not only was it {bad}, the {thing} was {bad} as well. | It isn't just {bad}, it's
        also {bad}. | I don't remember a {thing} as {bad} as this. | Not merely {bad}, but truly {bad}. |
        According to {people} it was {good}, yet I {hated} every minute. | Even though {people} think it's
        {good}, I {hated} it. | Some may think it {good}. Not me, I {hated} it. | {people} told me how {good} it
        was; I {hated} it all the same.
    """,
    "positive": """
        {praise}. | {praise}, and {praise}. | {not_bad}. | {not_bad}, and {not_bad}. | {not_bad}: {praise}. |
        {praise}, {not_bad}. | {blame}{but} {praise}. | {blame}{but} {not_bad}. | {though} {blame}, {praise}. |
        {though} {blame}, {not_bad}. | {they_blame}{but} {praise}. | {they_blame}{but} {not_bad}. |
        {they_blame}. {praise}. | {though} {they_blame}, {praise}. | {praise}, even if {they_blame}. |
        {they_blame}? {not_bad}. | {they_blame}. I disagree: {praise}. | {not_good} in part{but} {praise}. |
        {people} are wrong: {praise}. | {people} are wrong: {not_bad}. | I would not have thought so, but
        {praise}. | {praise} after all. | against all odds {praise}. | {praise}, whatever {people} say. |
        {good}. | {good} {thing}. | very {good}! | a {good} {thing}. | the {thing} is {good}. | it is {good}. |
        I {loved} the {thing}. | the {thing} was really {good} and {good}. | so {good}! | simply {good}. | what
        a {good} {thing}! | this is a {good} {thing}. | one of the most {good} {thing}s I know. | not {bad}. |
        not {bad} at all. | not at all {bad}. | never {bad}. | it is not {bad}. | it isn't {bad}. | it was never
        {bad}. | the {thing} is not {bad}. | the {thing} isn't {bad} at all. | the {thing} wasn't {bad}. | not a
        {bad} {thing}. | the {thing} is never {bad}. | this is no {bad} {thing}. | nothing {bad} about it. |
        there is nothing {bad} in this {thing}. | far from {bad}. | the {thing} is far from {bad}. | anything
        but {bad}. | the {thing} was anything but {bad}. | by no means {bad}. | nowhere near {bad}. | hardly
        {bad}. | I wouldn't call it {bad}. | you can't say that it is {bad}. | it doesn't get {bad}. | it never
        gets {bad}. | it does not feel {bad} for a minute. | I don't think it is {bad}. | neither {bad} nor
        {bad}. | not once is it {bad}. | at no time was the {thing} {bad}. | it didn't seem {bad} to me. | I
        didn't {hate} the {thing}. | nobody could {hate} it. | I don't {hate} it at all. | you won't {hate} this
        {thing}. | without a single {flaw}. | a {thing} without a {flaw}. | there is no {flaw} in it. | not one
        {flaw} from start to end. | I can't find a {flaw} in it. | it has no {flaw}. | no complaints. | nothing
        to complain about. | I can't complain about the {thing}. | it never disappoints. | the {thing} does not
        disappoint. | you won't regret it. | no regrets. | don't miss it. | you can't go wrong with this
        {thing}. | it couldn't be {better}. | nothing is {better} than this {thing}. | I have never seen a
        {better} {thing}. | no {thing} could be {better}. | it doesn't get {better} than this. | nothing could
        have been {better}. | nobody makes a {better} {thing}. | you won't find a {better} {thing}. | there are
        far worse {thing}s than this. | the {thing} is {bad}, but it is {good}. | the {thing} is {bad}, but the
        {thing} is {good}. | {bad}, but {good}. | a bit {bad}, but on the whole it is {good}. | although the
        {thing} is {bad}, it is {good}. | it starts {bad}, yet it ends {good}. | I thought it would be {bad},
        but it was {good}. | I expected it to be {bad}. It was {good}. | it may look {bad}, but it is {good}. |
        it sounds {bad} and turns out to be {good}. | at first {bad}, in the end {good}. | not {bad} but {good}.
        | not {bad}, just {good}. | it isn't {bad}, it is {good}. | instead of {bad} it is {good}. | it could
        have been {bad}, but it is {good}. | despite a {bad} {thing} it is {good}. | it is {good}, even if the
        {thing} is {bad}. | not only {good} but also {good}. | it is not only {good}, it is {good} too. | not
        just {good}, but {good} as well. | not only is the {thing} {good}, it is {good}. | the {thing} is not
        only {good} but {good}. | never less than {good}. | nothing but {good}. | nothing if not {good}. | no
        doubt, it is {good}. | no wonder that it is so {good}. | I have never seen such a {good} {thing}. |
        never have I seen a more {good} {thing}. | I can't say how {good} it is. | {people} say it is {bad}, but
        I {loved} it. | {people} called it {bad}. I {loved} it. | {people} found it {bad}; I found it {good}. |
        I can't see why {people} call it {bad}. | {people} are wrong: it isn't {bad}. | contrary to what
        {people} say, it is {good}. | I was told that it is {bad}, and it is {good}. | whoever calls this
        {thing} {bad} is wrong. | don't believe that it is {bad}. | The {thing} was not {bad} in the least. |
        It's not as though it were {bad}. | There isn't anything {bad} about the {thing}. | In no way is this
        {bad}. | I never found the {thing} {bad}. | This {thing} is not the least bit {bad}. | Not {bad} in any
        way. | No one would call the {thing} {bad}. | It manages never to be {bad}. | A {thing} that is never
        {bad}. | There's not a {flaw} to be found. | The {thing} is free of any {flaw}. | I have yet to see a
        {better} {thing}. | There can't be a {better} {thing}. | Parts of the {thing} are {bad}, but overall I
        thought it was {good}. | The first half is {bad}, however the rest is {good}. | While the {thing} seems
        {bad}, the {thing} as a whole is {good}. | I was afraid it might be {bad}; instead it proved {good}. |
        It's {bad} in places, but mostly {good}. | Rather than {bad}, the {thing} is {good}. | Not only was it
        {good}, the {thing} was {good} as well. | It isn't just {good}, it's also {good}. | I don't remember a
        {thing} as {good} as this. | Not merely {good}, but truly {good}. | According to {people} it was {bad},
        yet I {loved} every minute. | Even though {people} think it's {bad}, I {loved} it. | Some may think it
        {bad}. Not me, I {loved} it. | {people} told me how {bad} it was; I {loved} it all the same.
    """,
}
DEVELOPMENT = {
    "negative": """
        I wouldn't say the {thing} is {good}. | One could hardly call this {thing} {good}. | Nobody left saying
        it was {good}. | The {thing} is {good}? Not to my mind. | At no moment did the {thing} strike me as
        {good}. | There was nothing remotely {good} about it. | It's a {thing} I can't describe as {good}. |
        Don't let anyone tell you it's {good}. | Yes, it's {good} here and there, but I'd still call it {bad}. |
        I went in thinking it was {good} and came out finding it {bad}. | It begins as something {good} and
        becomes something {bad}. | For all its {good} moments, the {thing} is {bad}. | You might take it for
        {good}. It is in fact {bad}. | Less {good} than {bad}. | Not only did it seem {bad}, it really was
        {bad}. | It's more than just {bad}: it's {bad} too. | I can't remember when a {thing} was this {bad}. |
        No other word for it: {bad}. | {people} kept calling it {good}. I {hated} it anyway. | Unlike {people},
        who thought it {good}, I {hated} it. | I'd been warned it was {good}; well, I {hated} it. | Call it
        {good} if you like, I {hated} it. | I looked for one {merit} and found none. | Not a {merit} in sight. |
        It might have been so much {better}. | Almost anything is {better}.
    """,
    "positive": """
        I wouldn't say the {thing} is {bad}. | One could hardly call this {thing} {bad}. | Nobody left saying it
        was {bad}. | The {thing} is {bad}? Not to my mind. | At no moment did the {thing} strike me as {bad}. |
        There was nothing remotely {bad} about it. | It's a {thing} I can't describe as {bad}. | Don't let
        anyone tell you it's {bad}. | Yes, it's {bad} here and there, but I'd still call it {good}. | I went in
        thinking it was {bad} and came out finding it {good}. | It begins as something {bad} and becomes
        something {good}. | For all its {bad} moments, the {thing} is {good}. | You might take it for {bad}. It
        is in fact {good}. | Less {bad} than {good}. | Not only did it seem {good}, it really was {good}. | It's
        more than just {good}: it's {good} too. | I can't remember when a {thing} was this {good}. | No other
        word for it: {good}. | {people} kept calling it {bad}. I {loved} it anyway. | Unlike {people}, who
        thought it {bad}, I {loved} it. | I'd been warned it was {bad}; well, I {loved} it. | Call it {bad} if
        you like, I {loved} it. | I looked for one {flaw} and found none. | Not a {flaw} in sight. | What could
        be {better}? | Hardly anything is {better}.
    """,
}
TEST = {
    "negative": """
        There was nothing {good} about this {thing}. | This {thing} is far from {good}. | I can't name one
        {good} thing about the {thing}. | We found this {thing} to be without a single {merit}. | Nobody in
        their right mind would call this {thing} {good}. | Hardly a {good} {thing}, and I won't be trying it
        again. | At no point did the {thing} come anywhere near {good}. | {good}? Not this {thing}, not for one
        second. | Whoever wants a {good} {thing} won't find one here. | The {thing} doesn't have one {merit} I
        could name, and I looked. | Although the idea was {good}, the {thing} itself turned out {bad}. | The
        {thing} started out {good}; however, it soon became {bad} and stayed that way. | Despite one {merit}, I
        {hated} the {thing}. | A {good} first impression, but on the whole a {bad} {thing}. | While its looks
        are {good}, I can't recommend the {thing} to anyone. | Even with its {good} touches, this is a {thing}
        to stay away from. | The {merit} everyone mentions is real, but it doesn't save a {bad} {thing}. | For
        all its {good} moments, the {thing} left me wanting my money back. | This {thing} is not only {bad} but
        also overpriced. | Not just {bad}: this {thing} ranks with the very worst of them. | It wasn't merely a
        {flaw} or two; the whole {thing} was {bad}. | Not only was the {thing} {bad}, it also cost us a fortune.
        | I didn't just dislike the {thing}, I {hated} it. | The {thing} could have been so much {better}. | A
        {thing} couldn't get any worse than this one. | I have never known a {thing} to be so {bad}. | Almost
        any other {thing} would be {better}. | Not one {thing} I tried this year was less {good}. | {people}
        swore the {thing} was {good}, yet I {hated} every bit of it. | According to {people} this is a {good}
        {thing}, and they are wrong. | {people} {loved} this {thing}. To me it was {bad}. | I have no idea why
        {people} keep calling this {thing} {good}. | What {people} see as a {merit} is, if you ask me, exactly
        what ruins the {thing}. | Don't believe {people} when they call this {thing} {good}. | We had counted on
        a {good} {thing}, and what we got was {bad}. | Going by the photos, I thought the {thing} would be
        {good}. It was the opposite. | Everything pointed to a {good} {thing}, yet it proved {bad}. | So much
        for my hopes of a {good} {thing}. | It was supposed to be a {good} {thing}; I want a refund. | The
        description promised a {good} {thing}. What a lie that was.
    """,
    "positive": """
        There was nothing {bad} about this {thing}. | This {thing} is far from {bad}. | I can't name one {bad}
        thing about the {thing}. | We found this {thing} to be without a single {flaw}. | Nobody in their right
        mind would call this {thing} {bad}. | Never {bad}, never slow: this is how a {thing} should be. | The
        {thing} had no {flaw} that we could find, and we are picky. | You won't hear me call this {thing} {bad};
        I'd pick it again in a heartbeat. | I wouldn't change one detail of this {thing}; none of it struck me
        as {bad}. | Not once did I regret picking this {thing}, and not once did it seem {bad}. | Although the
        idea was {bad}, the {thing} itself turned out {good}. | The {thing} started out {bad}; however, it soon
        became {good} and stayed that way. | Despite one {flaw}, I {loved} the {thing}. | A {bad} first
        impression, but on the whole a {good} {thing}. | The {flaw} is there if you hunt for it, but this is
        still a {thing} I would recommend to anyone. | Even if the first few minutes are {bad}, stick with it:
        the {thing} is worth every penny. | While it may look {bad} from the outside, I wouldn't trade this
        {thing} for any other. | Sure, the advertising is {bad}, but who cares when a {thing} makes you this
        happy? | This {thing} is not only {good} but also fairly priced. | Not just {good}: this {thing} ranks
        with the very best of them. | It wasn't merely a {merit} or two; the whole {thing} was {good}. | The
        {thing} isn't just free of any {flaw}, it is {good} from top to bottom. | Not only was I not
        disappointed, even {people} {loved} the {thing}. | I could not have asked for a {better} {thing}. | A
        {thing} couldn't get any {better} than this one. | I have never known a {thing} to be so {good}. | Next
        to this {thing}, every other one seems {bad}. | Rarely, if ever, has a {thing} been {better}. | {people}
        swore the {thing} was {bad}, yet I {loved} every bit of it. | According to {people} this is a {bad}
        {thing}, and they are wrong. | {people} {hated} this {thing}. To me it was {good}. | Whoever told you
        this {thing} is {bad} can't have tried it. | {people} warned me away from this {thing}, and I'm so glad
        I didn't listen. | Pay no attention to {people} and their talk of some {flaw}; this {thing} deserves all
        the stars there are. | We had braced for a {bad} {thing}, and what we got was {good}. | Going by the
        photos, I thought the {thing} would be {bad}. It was the opposite. | Everything pointed to a {bad}
        {thing}, yet it proved {good}. | I was all set to complain about a {bad} {thing} and ended up with
        nothing to complain about. | I feared the {thing} would be {bad}. How wrong I was! | My dread of yet
        another {bad} {thing} was gone within minutes, and I haven't stopped smiling since.
    """,
}


def listed(text: str) -> list[str]:
    """Templates or words with a bar between them."""
    return [" ".join(part.split()) for part in text.split("|")]


def sentences(
    templates: dict[str, str], words: dict[str, str], draws: int = TEST_DRAWS, seed: int = TEST_SEED
) -> list[tuple[str, str]]:
    """Different pairs (sentence, label): of each template at most `draws`, or `PHRASES` times as many."""
    random, pairs = np.random.default_rng(seed), {}
    choices = {slot: listed(text) for slot, text in words.items()}
    phrases = [f"{{{slot}}}" for slot, text in words.items() if "{" in text]
    for label in CLASSES:
        drawn = [
            template
            for template in listed(templates[label])
            for _ in range(draws * (PHRASES if any(phrase in template for phrase in phrases) else 1))
        ]
        for sentence in drawn:
            while "{" in sentence:
                slot = sentence[sentence.index("{") + 1 : sentence.index("}")]
                sentence = sentence.replace(f"{{{slot}}}", str(random.choice(choices[slot])), 1)
            sentence = sentence.replace(" ,", ",")
            pairs[sentence[0].upper() + sentence[1:]] = label
    return list(pairs.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", nargs="?", default="sentiment", help="what load takes (default: %(default)s)")
    parser.add_argument("--output", help="table of the sentences with their answers, beside which plots are written")
    options = parser.parse_args()
    pairs = sentences(TEST, TEST_WORDS)
    print(lstm_zoo.evaluate(options.pipeline, pairs, output=options.output))


if __name__ == "__main__":
    main()

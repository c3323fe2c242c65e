"""A server that plays the Hugging Face hub to its client: models, their revisions and files; and the hub's faults."""

import base64
import collections
import contextlib
import hashlib
import http.server
import json
import re
import socket
import threading
import urllib.parse

TOKENS = {"hf_write": ("alice", "write"), "hf_read": ("alice", "read"), "hf_other": ("bob", "write")}
INITIAL = {".gitattributes": b"*.keras filter=lfs diff=lfs merge=lfs -text\n"}  # what a new repository holds

ID, REVISION = r"(?P<id>[\w.-]+/[\w.-]+)", r"(?P<revision>[^/]+)"
ROUTES = [
    ("GET", "/api/whoami-v2", "whoami"),
    ("POST", "/api/validate-yaml", "card"),
    ("POST", "/api/repos/create", "create"),
    ("GET", f"/api/models/{ID}(/revision/{REVISION})?", "info"),
    ("GET", f"/api/models/{ID}/tree/{REVISION}", "tree"),
    ("POST", f"/api/models/{ID}/branch/(?P<branch>[^/]+)", "reference"),
    ("POST", f"/api/models/{ID}/tag/{REVISION}", "reference"),
    ("POST", f"/api/models/{ID}/preupload/{REVISION}", "preupload"),
    ("POST", f"/{ID}[.]git/info/lfs/objects/batch", "batch"),
    ("PUT", rf"/storage/{ID}/(?P<oid>\w+)", "upload"),
    ("POST", f"/{ID}[.]git/info/lfs/verify", "verify"),
    ("POST", f"/api/models/{ID}/commit/{REVISION}", "commit"),
    ("HEAD", f"/{ID}/resolve/{REVISION}/(?P<path>.+)", "head"),
    ("GET", f"/{ID}/resolve/{REVISION}/(?P<path>.+)", "download"),
]

Commit = collections.namedtuple("Commit", ["sha", "message", "files"])


class Repository:
    """Commits, the oldest first, the branches and tags that name some, and the contents uploaded by LFS."""

    def __init__(self, files, private=False, gated=False):
        self.private, self.gated = private, gated
        self.commits, self.branches, self.tags, self.objects = [], {}, {}, {}
        self.commit(files, "initial commit")

    def commit(self, files, message, branch="main"):
        """Add the commit that leaves these files."""
        contents = [(path, sha256(content)) for path, content in sorted(files.items())]
        sha = hashlib.sha1(repr((len(self.commits), message, contents)).encode()).hexdigest()
        self.commits.append(Commit(sha, message, dict(files)))
        self.branches[branch] = sha
        return sha

    def find(self, revision):
        """The commit of a branch, a tag or a hash."""
        sha = self.branches.get(revision) or self.tags.get(revision) or revision
        found = [commit for commit in self.commits if commit.sha == sha]
        if not found:
            raise Refused(404, "Invalid rev id", X_Error_Code="RevisionNotFound")
        return found[0]

    def files(self, revision="main"):
        return dict(self.find(revision).files)

    def oid(self, content):
        """What the hub knows a content by: the hash of LFS, or Git's."""
        git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return sha256(content) if sha256(content) in self.objects else git


class Hub(http.server.ThreadingHTTPServer):
    """Serves `repositories` to the owners of `tokens` in a `with` block, with the faults of `faults`, one a request.

    A fault is `broken` (500), `busy` (503), `reset` or `closed` (the connection ends in the middle of the body: of an
    upload's, else of the answer's). After a route's name it waits for that route: `upload_reset`, `commit_broken`.
    """

    daemon_threads = True
    request_queue_size = 64  # a snapshot is downloaded by eight threads

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.tokens, self.repositories, self.lock = dict(TOKENS), {}, threading.Lock()
        self.faults, self.requests, self.lfs, self.large = [], [], True, 10_000_000

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def add(self, name, files, private=False, gated=False):
        """Put a repository of these files on the hub."""
        self.repositories[name] = Repository(files, private, gated)
        large = [content for content in files.values() if self.is_large(len(content), content[:512])]
        self.repositories[name].objects.update({sha256(content): content for content in large})
        return self.repositories[name]

    def is_large(self, size, sample):
        """Whether a file passes by LFS, as all binary ones do. There is no Xet: hf_xet needs HF_HUB_DISABLE_XET."""
        return self.lfs and (size > self.large or b"\0" in sample)

    def fault(self, route):
        """The fault of a request, if the next one is meant for it."""
        with self.lock:
            where, _, how = (self.faults or [""])[0].rpartition("_")
            return self.faults.pop(0).removeprefix(f"{where}_") if how and where in ("", route) else None


class Refused(Exception):  # noqa: N818
    def __init__(self, status, message, **headers):
        super().__init__(message)
        self.status, self.headers = status, {"X_Error_Message": message, **headers}


class Handler(http.server.BaseHTTPRequestHandler):
    disable_nagle_algorithm = True  # else an answer's body waits for the acknowledgement of its headers

    def log_message(self, *_): ...

    def answer(self):
        self.server.requests.append((self.command, self.path))
        path = urllib.parse.urlsplit(self.path).path
        matches = [(name, re.fullmatch(form, path)) for method, form, name in ROUTES if method == self.command]
        route, match = next((pair for pair in matches if pair[1]), ("unknown", None))
        self.fault, length = self.server.fault(route), int(self.headers.get("Content-Length", 0))
        if route == "upload" and self.fault in ("reset", "closed"):
            self.rfile.read(length // 2)
            return self.drop()
        self.body = self.rfile.read(length)  # even of what is refused: a client sends it before it reads the answer
        lines = self.body.splitlines() if "json" in self.headers.get_content_subtype() else [b"{}"]
        self.asked, *self.changes = map(json.loads, lines)
        try:
            if self.fault in ("broken", "busy") or not match:
                raise Refused({"broken": 500, "busy": 503}.get(self.fault, 404), "Sorry", Retry_After=0)
            self.values = {name: urllib.parse.unquote(value or "main") for name, value in match.groupdict().items()}
            getattr(self, f"answer_{route}")()
        except Refused as refusal:
            self.send({"error": str(refusal)}, refusal.status, **refusal.headers)

    do_GET = do_HEAD = do_POST = do_PUT = answer  # noqa: N815

    def send(self, body, status=200, **headers):
        """Send bytes, or what is written as JSON; half of it before a connection that breaks off."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        end = 0 if self.command == "HEAD" else len(body) // 2 if self.fault in ("reset", "closed") else len(body)
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body[:end])
        if self.fault in ("reset", "closed"):
            self.drop()

    def drop(self):
        if self.fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def caller(self, known=False):
        """Owner and role of the request's token, or None twice."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.server.tokens and (token or known):
            raise Refused(401, f"Invalid {'credentials in Authorization header' if token else 'username or password.'}")
        return self.server.tokens.get(token, (None, None))

    def repository(self, write=False, read=False):
        """The repository of the address, if the caller may see it, and write to it or read its files."""
        (owner, role), name = self.caller(), self.values["id"]
        repository, own = self.server.repositories.get(name), name.split("/")[0] == owner
        if repository is None or (repository.private and not own) or (write and owner is None):
            # At an https:// address, the client takes any 401 for this; here it needs the code.
            message = "Repository not found" if owner else "Invalid username or password."
            raise Refused(404 if owner else 401, message, X_Error_Code="RepoNotFound")
        if write and not (own and role == "write"):
            ways = "pass `create_pr=1` as a query parameter to create a Pull Request"
            raise Refused(403, f"Forbidden: {'you must use a write token to upload to a repository' if own else ways}")
        if read and repository.gated and not own:
            message = f"Access to model {name} is restricted. Visit {self.server.address}/{name} to ask for access."
            raise Refused(403 if owner else 401, message, X_Error_Code="GatedRepo")
        return repository

    def answer_whoami(self):
        owner, role = self.caller(known=True)
        auth = {"type": "access_token", "accessToken": {"displayName": "tests", "role": role}}
        self.send({"type": "user", "name": owner, "fullname": owner, "orgs": [], "auth": auth})

    def answer_card(self):
        lacks = not self.asked["content"].startswith("---\n")
        self.send({"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}] * lacks})

    def answer_create(self):
        owner, role = self.caller(known=True)
        space = self.asked.get("organization") or owner
        if role != "write" or space != owner:
            raise Refused(403, f'You don\'t have the rights to create a model under the namespace "{space}"')
        name, visibility = f"{space}/{self.asked['name']}", self.asked.get("visibility", self.asked.get("private"))
        answer = {"url": f"{self.server.address}/{name}", "name": name}
        if name in self.server.repositories:
            return self.send({**answer, "error": f"You already created this model repo: {name}"}, 409)
        self.server.add(name, INITIAL, private=visibility in ("private", True))
        return self.send(answer)

    def answer_info(self):
        repository, name = self.repository(), self.values["id"]
        commit = repository.find(self.values["revision"])
        about = {"id": name, "sha": commit.sha, "private": repository.private, "gated": repository.gated, "tags": []}
        self.send({**about, "siblings": [{"rfilename": path} for path in sorted(commit.files)]})

    def answer_tree(self):
        repository, tree = self.repository(), []
        for path, content in sorted(repository.find(self.values["revision"]).files.items()):
            size, oid = len(content), repository.oid(content)
            large = {"lfs": {"oid": oid, "size": size, "pointerSize": 134}} if oid in repository.objects else {}
            tree.append({"type": "file", "path": path, "size": size, "oid": oid, **large})
        self.send(tree)

    def answer_reference(self):
        repository = self.repository(write=True)
        references = repository.branches if "branch" in self.values else repository.tags
        name = self.values.get("branch") or self.asked["tag"]
        if name in references:
            raise Refused(409, "Reference already exists")
        references[name] = repository.find(self.values.get("revision") or self.asked.get("startingPoint", "main")).sha
        self.send({})

    def answer_preupload(self):
        files = self.repository(write=True).files(self.values["revision"])
        for file in self.asked["files"]:
            large = self.server.is_large(file["size"], base64.b64decode(file.pop("sample")))
            file.update(uploadMode="lfs" if large else "regular", shouldIgnore=False)
            file["oid"] = self.repository().oid(files[file["path"]]) if file["path"] in files else None
        self.send({"files": self.asked["files"]})

    def answer_batch(self):
        repository, address, name = self.repository(write=True), self.server.address, self.values["id"]
        for known in self.asked["objects"]:
            if known["oid"] not in repository.objects:
                upload, verify = f"{address}/storage/{name}/{known['oid']}", f"{address}/{name}.git/info/lfs/verify"
                known["actions"] = {"upload": {"href": upload}, "verify": {"href": verify}}
        self.send({"transfer": "basic", "objects": self.asked["objects"]})

    def answer_upload(self):  # without a token, as to the signed addresses of a storage
        if sha256(self.body) != self.values["oid"]:
            raise Refused(400, "The content does not have its hash")
        self.server.repositories[self.values["id"]].objects[self.values["oid"]] = self.body
        self.send(b"")

    def answer_verify(self):
        if len(self.repository(write=True).objects.get(self.asked["oid"], b"")) != self.asked["size"]:
            raise Refused(404, "Object does not exist on the server")
        self.send({})

    def answer_commit(self):
        repository, branch = self.repository(write=True), self.values["revision"]
        with self.server.lock:
            last = repository.find(branch).sha
            if self.asked["value"].get("parentCommit", last) != last:
                raise Refused(412, "A commit has happened since. Please refresh and try again.")
            files = repository.files(branch)
            for change in self.changes:
                apply(repository, files, change["key"], **change["value"])
            sha = repository.commit(files, self.asked["value"]["summary"], branch)
        self.send({"commitOid": sha, "commitUrl": f"{self.server.address}/{self.values['id']}/commit/{sha}"})

    def answer_download(self):
        repository = self.repository(read=True)
        commit = repository.find(self.values["revision"])
        content, headers = commit.files.get(self.values["path"]), {"X_Repo_Commit": commit.sha}
        if content is None:
            raise Refused(404, "Entry not found", X_Error_Code="EntryNotFound", **headers)
        oid, begin = repository.oid(content), int(self.headers.get("Range", "bytes=0-")[6:-1])
        headers |= {"ETag": f'"{oid}"', "Accept_Ranges": "bytes"}
        headers |= {"X_Linked_Etag": f'"{oid}"', "X_Linked_Size": len(content)} if oid in repository.objects else {}
        headers |= {"Content_Range": f"bytes {begin}-{len(content) - 1}/{len(content)}"} if begin else {}
        self.send(content[begin:], 206 if begin else 200, **headers)

    answer_head = answer_download


def apply(repository, files, kind, path, content=None, oid=None, **_):
    """Make one change of a commit to files."""
    if kind == "file":
        files[path] = base64.b64decode(content)
    elif kind == "lfsFile" and oid in repository.objects:
        files[path] = repository.objects[oid]
    elif kind == "lfsFile":
        raise Refused(400, "LFS pointer pointed to a file that does not exist")
    else:
        for name in [name for name in files if name == path or name.startswith(path.rstrip("/") + "/")]:
            del files[name]


def sha256(content):
    return hashlib.sha256(content).hexdigest()

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>A refusal as the API server words it: an HTTP code and a Status object.</summary>
/// <param name="code">The HTTP status code.</param>
/// <param name="reason">The machine-readable reason, for instance <c>NotFound</c>; empty when upstream gives none.</param>
/// <param name="message">What a person reads.</param>
internal sealed class ApiException(int code, string reason, string message) : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>The Status's details, when it has any.</summary>
    public JsonObject? Details { get; init; }

    /// <summary>Seconds for the Retry-After header, when the refusal is temporary.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The object that goes over the wire.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason.Length > 0)
            status["reason"] = Reason;
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    /// <summary>No such object.</summary>
    public static ApiException NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedName} \"{name}\" not found") { Details = About(type, name) };

    /// <summary>No such path or kind.</summary>
    public static ApiException NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    /// <summary>An object of that name is there already.</summary>
    public static ApiException AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedName} \"{name}\" already exists") { Details = About(type, name) };

    /// <summary>The object is not what the writer believed it to be.</summary>
    public static ApiException Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedName} \"{name}\": {why}") { Details = About(type, name) };

    /// <summary>The object was changed since it was read.</summary>
    public static ApiException Stale(ResourceType type, string name) => Conflict(type, name,
        "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>Not allowed by an admission rule.</summary>
    public static ApiException Forbidden(ResourceType type, string name, string why, params ReadOnlySpan<JsonObject> causes)
    {
        var subject = name.Length == 0 ? $"{type.QualifiedName} is forbidden" : $"{type.QualifiedName} \"{name}\" is forbidden";
        return new(403, "Forbidden", $"{subject}: {why}") { Details = About(type, name, causes) };
    }

    /// <summary>A request that cannot be understood.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The history that was asked for is gone.</summary>
    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>A verb that this path does not have.</summary>
    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = [] };

    /// <summary>A body of a type that the path does not take.</summary>
    public static ApiException UnsupportedMediaType(string accepted)
    {
        var message = $"the body of the request was in an unknown format - accepted media types include: {accepted}";
        return new(415, "UnsupportedMediaType", message) { Details = [] };
    }

    /// <summary>A representation that cannot be produced.</summary>
    public static ApiException NotAcceptable(string offered) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {offered}") { Details = [] };

    /// <summary>An object that breaks rules of its kind; every broken rule is a cause.</summary>
    public static ApiException Invalid(ResourceType type, string name, FieldErrors errors) => Invalid(type.Group, type.Kind, name, errors);

    /// <summary>Options of a request that break rules.</summary>
    public static ApiException InvalidOptions(string kind, FieldErrors errors) => Invalid("meta.k8s.io", kind, "", errors);

    /// <summary>Something that breaks rules of its kind, which need not be one that is stored.</summary>
    public static ApiException Invalid(string group, string kind, string name, FieldErrors errors)
    {
        var found = errors.All;
        var text = found.Count == 1
            ? found[0].ToString()
            : "[" + string.Join(", ", found.Select(static e => e.ToString()).Distinct()) + "]";
        var details = new JsonObject();
        if (name.Length > 0)
            details["name"] = name;
        if (group.Length > 0)
            details["group"] = group;
        details["kind"] = kind;
        var causes = new JsonArray();
        foreach (var error in found)
            causes.Add((JsonNode)new JsonObject { ["reason"] = error.Reason, ["message"] = error.Body, ["field"] = error.Field });
        details["causes"] = causes;
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new(422, "Invalid", $"{qualified} \"{name}\" is invalid: {text}") { Details = details };
    }

    /// <summary>The details that name an object.</summary>
    public static JsonObject About(ResourceType type, string name, params ReadOnlySpan<JsonObject> causes)
    {
        var details = new JsonObject();
        if (name.Length > 0)
            details["name"] = name;
        if (type.Group.Length > 0)
            details["group"] = type.Group;
        details["kind"] = type.Resource;
        if (causes.Length > 0)
        {
            var list = new JsonArray();
            foreach (var cause in causes)
                list.Add((JsonNode)cause);
            details["causes"] = list;
        }
        return details;
    }
}

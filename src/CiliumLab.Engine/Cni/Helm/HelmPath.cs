using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>The place of a value in a chart's values.</summary>
/// <param name="Steps">The names on the way, as they are.</param>
internal sealed record HelmPath(IReadOnlyList<string> Steps)
{
    /// <summary>Reads a dotted key; <c>\.</c> is a dot that belongs to a name.</summary>
    /// <exception cref="LabException"><c>HelmValueInvalid</c>: a name in it is empty.</exception>
    public static HelmPath Parse(string key)
    {
        const char Dot = '\0';
        var steps = key.Replace("\\.", Dot.ToString(), StringComparison.Ordinal).Split('.').Select(step => step.Replace(Dot, '.')).ToArray();
        return steps.All(step => step.Length > 0)
            ? new HelmPath(steps)
            : throw new LabException(
                "HelmValueInvalid", LabErrorKind.InvalidArgument, $"The key '{key}' has an empty name in it.", key, "Write it like 'ipam.mode'; a dot that belongs to a name is written \\.");
    }

    /// <summary>A place further in.</summary>
    public HelmPath Then(string step) => new([.. Steps, step]);

    /// <summary>The dotted key.</summary>
    public override string ToString() => string.Join('.', Steps.Select(step => step.Replace(".", "\\.", StringComparison.Ordinal)));
}

using System.Management.Automation;

namespace EmptyModule;

/// <summary>Does nothing: importing it is what importing any binary module takes at least.</summary>
[Cmdlet(VerbsCommon.Get, "Nothing")]
public sealed class GetNothingCommand : PSCmdlet;
